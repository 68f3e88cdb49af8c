// SPDX-License-Identifier: MIT
#pragma once

// The tables of datasets/uci as text. The build generates the sources that define them. This header
// is private to datasets/ and not installed.

#include <xgrad/core/config.hpp>

#include <string_view>

// The C++ standard guarantees string literals of 65536 characters only, but gcc and clang accept
// longer ones.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace xgrad::inline XGRAD_ABI::datasets::bundled {

using namespace std::string_view_literals;

extern const std::string_view digits;
extern const std::string_view iris;
extern const std::string_view wine;
extern const std::string_view breast_cancer;

extern const std::string_view installed_folder;  ///< the folder of the installed files

}  // namespace xgrad::inline XGRAD_ABI::datasets::bundled
