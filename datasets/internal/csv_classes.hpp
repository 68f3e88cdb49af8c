// SPDX-License-Identifier: MIT
#pragma once

// How csv() numbers classes. This header is private to the library and not installed.

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <map>

namespace xgrad::inline XGRAD_ABI::datasets {

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
  /// Throws DataError if there are so many whole numbers that they must be numbers to predict.
  void require_classes(const Lines& lines, const std::string& column) const;

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

/// Returns the first words of a list for an error message: `"a", "b", ...`.
std::string listed(const std::vector<std::string>& names);

}  // namespace xgrad::inline XGRAD_ABI::datasets
