// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <filesystem>
#include <string>

namespace compare {

/// Writes one self-contained HTML page: ranked tables, charts (SVG drawn by gnuplot), the formula
/// of each update rule, and the protocol. If gnuplot is missing or fails, the page says so and
/// contains the tables only. At most `jobs` charts are drawn at the same time. `program` is the
/// path of gnuplot, or a name that is looked up in PATH. Throws xgrad::DataError if the file cannot
/// be written.
void write_report(const std::filesystem::path& file, const Comparison& comparison, unsigned jobs,
                  const std::string& program = "gnuplot");

}  // namespace compare
