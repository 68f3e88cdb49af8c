// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Whether the first line of a table holds the names of the columns.
///
/// `guess` decides by the features of the first line. If at least one is a word and none is a
/// number, the line holds names. If none is a word, it holds data, provided that its class occurs
/// in another line too. Anything else is an error that asks for `yes` or `no`: years and
/// wavelengths as names need `yes`.
enum class Header { guess, yes, no };

/// How a table is read.
struct CsvOptions {
  /// The column of the classes: its name, or its number from 0 if the columns have no names; "" is
  /// the last column. Unless it is a number, the first line holds names.
  std::string label{};
  Header header = Header::guess;  ///< whether the first line holds the names of the columns
  char delimiter = ',';           ///< between fields; ' ' stands for any run of spaces and tabs
  char decimal = '.';             ///< before the fraction of a number: '.' or ','
  /// (x - mean) / stddev per column, over all rows. To split the table, leave it off and make a
  /// Standardizer from the training part.
  bool standardize = false;
  /// The classes in the order of their numbers. Another class is an error. Empty: the classes that
  /// occur, in sorted order.
  std::vector<std::string> classes{};
  /// A table that was read before, mostly the training data: the new table has its classes and is
  /// standardised as it was. The features must be the same.
  std::optional<Dataset> like{};
  /// Logs a warning if at least 5 % of the different numbers of a column are lost because they
  /// become the same Scalar as others. Turn it off if a Standardizer follows, which computes with
  /// the numbers as they were read.
  bool warn = true;
};

/// Reads a table of numbers with one column of classes. Features must be finite numbers; a number
/// that is too small for a double is 0. Classes are text: "7", "07" and "7.0" are three classes.
/// They are numbered in sorted order, by value if all are non-negative integers, else
/// alphabetically; a number that is not whole is refused as a class. Fields may be in double
/// quotes. Blank lines, spaces around fields, a byte-order mark and Windows line ends are ignored.
///
/// Numbers are kept as doubles until they are standardised or used: see Table. Throws DataError
/// with the absolute path, the line, what was found and what was expected.
Dataset csv(const std::filesystem::path& file, const CsvOptions& options = {});

/// Reads a table from memory; errors show `name` in place of the path.
Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::datasets
