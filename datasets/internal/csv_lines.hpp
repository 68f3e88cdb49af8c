// SPDX-License-Identifier: MIT
#pragma once

// How csv() splits a text into fields. This header is private to the library and not installed.

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The fields of one row.
using Fields = std::vector<std::string>;

/// Returns at most 40 characters of the text in quotes, for error messages.
std::string excerpt(std::string_view text);

/// Splits a text into lines, and lines into fields, as RFC 4180 defines it. Ignores spaces around a
/// field. If the delimiter is ' ', any number of spaces and tabs separates two fields.
class Lines {
 public:
  /// Refers to `text` and `name`, which must outlive this object. Skips a byte-order mark.
  Lines(std::string_view text, const std::string& name, char delimiter);

  /// Reads the fields of the next line that is not blank. Returns false at the end of the text.
  bool next(Fields& fields);

  /// Throws DataError `[csv] name: line 3: expected ..., found ...; remedy`, with the number of the
  /// line that next() has read last.
  [[noreturn]] void fail(const std::string& expected, const std::string& found,
                         const std::string& remedy = "") const {
    fail_at(line_, expected, found, remedy);
  }
  /// Throws the same error as fail(), but for the given line.
  [[noreturn]] void fail_at(std::size_t line, const std::string& expected, const std::string& found,
                            const std::string& remedy) const;

  /// Returns the number, from 1, of the line that next() has read last.
  std::size_t line() const { return line_; }

 private:
  bool ends_field(char c) const;
  bool take(char c);
  bool take_delimiter();
  void skip_blanks();
  std::string take_field();
  std::string take_quoted();

  std::string_view text_;  ///< unread rest of the text
  const std::string& name_;
  char delimiter_;
  std::size_t line_ = 1;       ///< number of the line on which the current fields begin
  std::size_t line_ends_ = 0;  ///< number of line ends that have been read
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
