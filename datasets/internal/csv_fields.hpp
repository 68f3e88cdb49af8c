// SPDX-License-Identifier: MIT
#pragma once

// How csv() interprets a field. This header is private to the library and not installed.

#include <xgrad/core/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Returns the number in a field, or nullopt unless it is a number that is finite as a Scalar.
std::optional<double> finite_number(std::string_view text, char decimal);

/// What a field of the first line looks like. `nothing` is a missing value.
enum class FieldKind { word, number, nothing };

/// Returns what a field of the first line looks like.
FieldKind kind_of(const std::string& field);

/// Returns whether a field of a row is a missing value.
bool is_missing(std::string_view field);

/// Returns whether a field can be a category: whether it begins with a letter and is not a number.
bool is_word(std::string_view field);

}  // namespace xgrad::inline XGRAD_ABI::datasets
