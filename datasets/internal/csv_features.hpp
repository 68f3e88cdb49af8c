// SPDX-License-Identifier: MIT
#pragma once

// How csv() reads feature columns. This header is private to the library and not installed.

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <map>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Collects the fields of one feature column: numbers, or the words of categories.
class FeatureColumn {
 public:
  /// Starts a column. `like` is the same column of the data set given as like, or null.
  FeatureColumn(std::string name, bool is_categorical, const CsvOptions& options,
                const Column* like);

  /// Adds the field of the next row. Throws DataError if it is not of the kind of the others; the
  /// message ends with `remedy`, unless a more precise one is known.
  void add(const Lines& lines, const std::string& field, const std::string& remedy);

  /// Returns whether the column contains categories.
  bool is_categorical() const { return kind_ == Kind::words; }
  /// Returns how fields of this column become features. Throws DataError if missing values need a
  /// mean and the column has no value.
  Column column(const Lines& lines) const;
  /// Copies the features of row i to x, which has column.width() elements.
  void encode(const Column& column, std::size_t i, double* x) const;

 private:
  enum class Kind { unknown, numbers, words };

  void add_number(const Lines& lines, const std::string& field, double number);
  void add_word(const Lines& lines, const std::string& field, const std::string& remedy);
  [[noreturn]] void fail_number(const Lines& lines, const std::string& field,
                                const std::string& remedy) const;
  std::string in_column() const { return " in column " + excerpt(name_); }

  std::string name_;
  const CsvOptions& options_;
  const Column* like_;
  bool is_forced_;  ///< whether numbers are categories, too
  Kind kind_ = Kind::unknown;
  std::vector<double> values_{};           ///< numbers, or the indices of words; NaN if missing
  std::map<std::string, double> words_{};  ///< index of each word, in the order of appearance
  std::size_t first_word_line_ = 0;        ///< line of the first word
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
