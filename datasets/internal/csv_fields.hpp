// SPDX-License-Identifier: MIT
#pragma once

// How csv() interprets fields: as numbers, column names and classes. This header is private to the
// library and not installed.

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <map>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The remedy in errors about the first line, if the guess may be wrong.
inline constexpr const char* kSetHeader =
    "set header to yes if this line contains column names, to no if it is data";

/// Returns the number in a field, or nullopt unless it is a number that is finite as a Scalar.
std::optional<double> finite_number(std::string_view text, char decimal);

/// The columns of a table.
struct Columns {
  Fields names;       ///< column names; "0", "1", ... if the table has no names
  std::size_t label;  ///< index of the class column
  bool named;         ///< whether the first line contains the names
};

/// Determines the columns from the first line. Throws DataError if the line is ambiguous, or does
/// not match the options.
Columns find_columns(const Lines& lines, const Fields& first, const CsvOptions& options);

/// Collects the classes of the rows and numbers them.
class ClassColumn {
 public:
  explicit ClassColumn(const CsvOptions& options);

  /// Adds the class of the next row. Throws DataError if the class is not allowed; the message ends
  /// with `remedy`.
  void add(const Lines& lines, const std::string& column, std::string name,
           const std::string& remedy);
  /// Returns whether the class of the first row occurs in another row or is given by the options.
  bool confirms_first_row() const;

  /// Returns the number of rows.
  std::size_t rows() const { return rows_.size(); }
  /// Returns the class of the first row.
  const std::string& first() const { return rows_.front(); }
  /// Returns the class number of each row.
  Labels labels() const;
  /// Returns the names of the classes in the order of their numbers.
  std::vector<std::string> names() const;

 private:
  std::vector<std::string> given_;             ///< classes given by the options; may be empty
  std::map<std::string, std::int32_t> known_;  ///< number of each given class
  const char* origin_;                         ///< words for errors: the option that gives them
  std::vector<std::string> rows_{};            ///< class of each row
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
