// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Whether the first line of a table contains the column names.
///
/// `guess` decides by the feature fields of the first line. If at least one of them is a word and
/// none is a number, the line contains names. If none of them is a word, the line contains data,
/// provided that its class occurs in another line too. In all other cases, csv() throws an error
/// that asks for `yes` or `no`. Column names that are numbers, such as years, always need `yes`.
enum class Header { guess, yes, no };

/// What csv() does if a feature is missing: if its field is empty, `?`, `NA`, `N/A`, `NaN` or
/// `null`.
///
/// `refuse` throws an error with the line and the column. `mean` puts the mean of the column in its
/// place, computed from the rows of this table or, with `like`, of that data set.
enum class Missing { refuse, mean };

/// Options of csv() and parse_csv().
struct CsvOptions {
  /// The class column: its name, or its number (from 0) if the columns have no names. "" means the
  /// last column. If this is not a column number, the first line must contain names.
  std::string label{};
  /// The columns of numbers to predict, each given like `label`. The table then has no class
  /// column.
  std::vector<std::string> targets{};
  Header header = Header::guess;  ///< whether the first line contains the column names
  char delimiter = ',';           ///< separates fields; ' ' means any number of spaces and tabs
  char decimal = '.';             ///< decimal point of numbers: '.' or ','
  /// Whether to standardise each column, (x - mean) / stddev, with the mean and the standard
  /// deviation of all rows. If you split the table afterwards, set this to false and construct a
  /// Standardizer from the training part.
  bool standardize = false;
  Missing missing = Missing::refuse;  ///< what to do if a feature is missing
  /// Columns whose fields are categories although they look like numbers, each given like `label`.
  /// A column in which every field begins with a letter is categorical without this.
  std::vector<std::string> categorical{};
  /// The classes in the order of their numbers. A table with any other class is an error. If this
  /// is empty, the classes are those in the table, in sorted order.
  std::vector<std::string> classes{};
  /// A data set that was read before, usually the training data. The new table gets the same class
  /// numbers, categories and target columns, and is standardised with the same numbers. It must
  /// have the same feature columns.
  std::optional<Dataset> like{};
  /// Whether to log a warning if at least 5 % of the distinct numbers of a column become equal to
  /// another one when they are converted to Scalar. Set this to false if you use a Standardizer
  /// afterwards: it computes with the original doubles.
  bool warn = true;
};

/// Reads a table with one class column, or with columns of targets, which are numbers to predict.
/// The file may be compressed with gzip, which is detected by its content. Fields may be in double
/// quotes. Blank lines, spaces around fields, a byte-order mark and Windows line ends are ignored.
///
/// Features and targets are finite numbers; a number that is too small for a double becomes 0. A
/// column of words is categorical: each of its at most 256 words becomes one feature, which is 1 in
/// the rows with this word and 0 in the others, in sorted order. The features remain doubles until
/// they are standardised or used; see Table. Dataset::columns() describes the columns, and a
/// RowEncoder converts new rows in the same way.
///
/// Classes are text: "7", "07" and "7.0" are three classes. They are numbered in sorted order: by
/// value if all are non-negative integers, otherwise alphabetically. A number with a fraction is
/// not accepted as a class, and neither are more than 100 whole numbers with fewer than 5 rows for
/// each. A missing value, such as NA, is a class only if `classes` or
/// `like` contains it.
///
/// Throws OptionError if the options contradict each other. Throws DataError with the absolute
/// path, the line, and what was expected and found there.
Dataset csv(const std::filesystem::path& file, const CsvOptions& options = {});

/// Reads a table from memory, like csv(). Error messages contain `name` instead of the path.
Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::datasets
