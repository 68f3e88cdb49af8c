// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <stdexcept>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// The base class of every error that xgrad throws. The message is one line:
/// `[op] what was required, what was found; the remedy`.
class Error : public std::runtime_error {
 public:
  /// Creates an error with this message. A message may quote text from a file, so control
  /// characters are replaced by spaces, and at most 10,000 characters are kept.
  explicit Error(std::string message);
};

/// Thrown if a shape, an axis or a number of dimensions does not fit an operation.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// Thrown if a file or a table does not contain what it should. The message names the path, the
/// place in the file, what was expected and what was found.
class DataError : public Error {
 public:
  using Error::Error;
};

/// Thrown if an option is outside its range or a name is unknown.
class OptionError : public Error {
 public:
  using Error::Error;
};

/// Returns a number as errors and reports print it, with up to 6 significant digits: "0.1", "nan".
std::string format_number(double value);

}  // namespace xgrad::inline XGRAD_ABI
