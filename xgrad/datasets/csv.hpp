// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::datasets {

/// How a table is read.
struct CsvOptions {
  std::string label{};   ///< the column of the classes by its name; "" is the last column
  char delimiter = ',';  ///< between fields
  /// (x - mean) / deviation per column, over all rows. To split the table, leave it off and make a
  /// Standardizer from the training part.
  bool standardize = false;
};

/// A table of numbers with one column of classes. The first line names the columns. Features must
/// be finite numbers; classes are any text, numbered in sorted order: by value where all are
/// non-negative integers, alphabetically elsewhere. Fields may be in double quotes; blank lines,
/// spaces around fields, a byte-order mark and Windows line ends are no part of the data. Throws
/// DataError with the absolute path, the line, what was found and what was expected.
Dataset csv(const std::filesystem::path& file, const CsvOptions& options = {});

/// The same from memory; `name` stands for the path in errors.
Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::datasets
