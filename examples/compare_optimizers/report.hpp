// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <filesystem>
#include <string>

namespace compare {

/// Writes one self-contained HTML page: protocol, ranked tables, pictures as SVG drawn by gnuplot,
/// and each rule's formula. Where gnuplot is missing or fails, the page says so and keeps the
/// tables. `jobs` pictures are drawn at once; `program` is gnuplot's name, looked for in PATH, or
/// its path. Throws xgrad::DataError where the file cannot be written.
void write_report(const std::filesystem::path& file, const Comparison& comparison, unsigned jobs,
                  const std::string& program = "gnuplot");

}  // namespace compare
