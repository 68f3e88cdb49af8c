// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <stdexcept>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// Every error xgrad throws. One line: `[op] what was required, what was found, and the remedy`.
class Error : public std::runtime_error {
 public:
  /// What a message quotes may come from a file: control characters become spaces, and what goes
  /// beyond 10,000 characters is left out.
  explicit Error(std::string message);
};

/// Shapes, axes or ranks that do not fit an operation.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A file or a table that does not hold what it should: path, place, found and expected.
class DataError : public Error {
 public:
  using Error::Error;
};

/// An option outside its range, or a name that is not known.
class OptionError : public Error {
 public:
  using Error::Error;
};

/// Throws OptionError unless `value` is finite and greater than zero.
/// `[where] name must be a positive finite number, got -1`
void require_positive(const char* where, const char* name, double value);

/// Throws OptionError unless `value` is finite and at least zero.
void require_non_negative(const char* where, const char* name, double value);

/// Throws OptionError unless 0 <= value < 1 (momenta, decay rates, probabilities).
void require_fraction(const char* where, const char* name, double value);

/// A number as errors and reports print it: shortest form that reads naturally ("0.1", "nan").
std::string format_number(double value);

/// The shortest digits that parse_number reads as the same number, bit for bit.
std::string format_exactly(double value);
/// Throws DataError where the text is not one number and nothing else.
double parse_number(const std::string& text);

}  // namespace xgrad::inline XGRAD_ABI
