// SPDX-License-Identifier: MIT
#pragma once

// The tables of datasets/uci as text, in sources that the build generates: private to datasets/,
// not installed.

#include <xgrad/core/config.hpp>

#include <string_view>

// Longer than the 65536 characters that every compiler must take; gcc and clang take them.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace xgrad::inline XGRAD_ABI::datasets::bundled {

using namespace std::string_view_literals;

extern const std::string_view digits;
extern const std::string_view iris;
extern const std::string_view wine;
extern const std::string_view breast_cancer;

}  // namespace xgrad::inline XGRAD_ABI::datasets::bundled
