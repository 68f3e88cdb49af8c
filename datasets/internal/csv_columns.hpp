// SPDX-License-Identifier: MIT
#pragma once

// Which columns of a table csv() uses for what. This header is private to the library and not
// installed.

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <set>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The remedy in errors about the first line, if the guess may be wrong.
inline constexpr const char* kSetHeader =
    "set header to yes if this line contains column names, to no if it is data";

/// The columns of a table.
struct Columns {
  Fields names;                         ///< column names; "0", "1", ... if the table has no names
  bool named;                           ///< whether the first line contains the names
  bool has_targets = false;             ///< whether `outputs` are targets and not the class column
  std::vector<std::size_t> outputs{};   ///< the class column or the target columns
  std::vector<std::size_t> features{};  ///< all other columns
  std::set<std::size_t> categorical{};  ///< feature columns that the option `categorical` names
};

/// Determines the columns from the first line. Throws DataError if the line is ambiguous, or does
/// not match the options.
Columns find_columns(const Lines& lines, const Fields& first, const CsvOptions& options);

}  // namespace xgrad::inline XGRAD_ABI::datasets
