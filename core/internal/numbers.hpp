// SPDX-License-Identifier: MIT
#pragma once

// Checks of options, and functions for text: numbers and lists.

#include <xgrad/core/error.hpp>

#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// Throws OptionError unless `value` is finite and greater than zero. The message is
/// `[where] name must be a positive finite number, got -1`.
void require_positive(const char* where, const char* name, double value);

/// Throws OptionError unless `value` is finite and at least zero.
void require_non_negative(const char* where, const char* name, double value);

/// Throws OptionError unless 0 <= value < 1 (momenta, decay rates, probabilities).
void require_fraction(const char* where, const char* name, double value);

/// Returns the shortest decimal text from which parse_number() restores the number bit for bit.
std::string format_exactly(double value);
/// Returns the number that `text` contains. Throws DataError unless the text is one number and
/// nothing else.
double parse_number(const std::string& text);

/// Returns the words with `between` between them.
std::string join(const std::vector<std::string>& words, const char* between = ", ");

}  // namespace xgrad::inline XGRAD_ABI
