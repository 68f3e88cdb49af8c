// SPDX-License-Identifier: MIT
#pragma once

// What csv() makes of fields: numbers, column names, classes. Private to the library, not
// installed.

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <map>

namespace xgrad::inline XGRAD_ABI::datasets {

/// What helps if the first line was taken for the wrong thing.
inline constexpr const char* kSetHeader =
    "set header to yes if this line holds column names, to no if it is data";

/// Returns the number that a field holds, or nothing unless it is finite, also as a Scalar.
std::optional<double> finite_number(std::string_view text, char decimal);

/// The columns of a table.
struct Columns {
  Fields names;       ///< "0", "1", ... if the table has none
  std::size_t label;  ///< which of them holds the classes
  bool named;         ///< whether the first line holds the names
};

/// Finds out what the first line holds. Throws DataError if it can be read in two ways.
Columns find_columns(const Lines& lines, const Fields& first, const CsvOptions& options);

/// Numbers the classes while they are read.
class ClassColumn {
 public:
  explicit ClassColumn(const CsvOptions& options);

  /// Takes the class of the next row. Throws DataError for a class that is not allowed, which ends
  /// with `remedy`.
  void add(const Lines& lines, const std::string& column, std::string name,
           const std::string& remedy);
  /// Returns whether the class of the first row is that of another row, or was known before.
  bool confirms_first_row() const;

  /// Returns the number of rows.
  std::size_t rows() const { return rows_.size(); }
  /// Returns the class of the first row.
  const std::string& first() const { return rows_.front(); }
  /// Returns the number of each row's class.
  Labels labels() const;
  /// Returns the names of the classes in the order of their numbers.
  std::vector<std::string> names() const;

 private:
  std::vector<std::string> given_;             ///< the classes that the options name
  std::map<std::string, std::int32_t> known_;  ///< and their numbers
  const char* origin_;                         ///< where they come from, in words
  std::vector<std::string> rows_{};            ///< the class of each row
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
