// SPDX-License-Identifier: MIT
#pragma once

// How csv() splits a text into fields: private to the library, not installed.

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The fields of one row.
using Fields = std::vector<std::string>;

/// Returns a piece of the text as an error shows it: in quotes, at most 40 characters.
std::string excerpt(std::string_view text);

/// The lines of a text, each split into fields as RFC 4180 says. Spaces around a field are ignored.
/// With the delimiter ' ', any run of spaces and tabs separates two fields.
class Lines {
 public:
  /// Refers to `text` and `name`, which must outlive this. A byte-order mark is skipped.
  Lines(std::string_view text, const std::string& name, char delimiter);

  /// Reads the fields of the next line that is not blank. Returns false at the end of the text.
  bool next(Fields& fields);

  /// Throws DataError `[csv] name: line 3: expected ..., found ...; remedy`, with the number of the
  /// line that next() has read.
  [[noreturn]] void fail(const std::string& expected, const std::string& found,
                         const std::string& remedy = "") const {
    fail_at(line_, expected, found, remedy);
  }
  /// Throws the same error for another line.
  [[noreturn]] void fail_at(std::size_t line, const std::string& expected, const std::string& found,
                            const std::string& remedy) const;

  /// Returns the number of the line that next() has read, from 1.
  std::size_t line() const { return line_; }

 private:
  bool ends_field(char c) const;
  bool take(char c);
  bool take_delimiter();
  void skip_blanks();
  std::string take_field();
  std::string take_quoted();

  std::string_view text_;  ///< the part that is still to be read
  const std::string& name_;
  char delimiter_;
  std::size_t line_ = 1;       ///< the line on which the current fields began
  std::size_t line_ends_ = 0;  ///< the number of line ends that have been read
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
