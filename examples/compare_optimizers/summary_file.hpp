// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

namespace compare {

/// Returns "accuracy" or "loss".
std::string name_of(Metric metric);
/// Returns the batch size in words: "64" or "full".
std::string name_of_batch(std::size_t batch_size);

/// Returns the contents of summary.csv: one line for each entry, best first. A field without a
/// value is empty. Equal runs give equal lines, except for the last column, seconds_to_target.
std::string to_csv(const Comparison& comparison);

/// Returns the contents of summary.json: the whole comparison, with the last value of each run but
/// without its curves. A missing value is null. Equal runs give equal text, except for the fields
/// seconds_to_target and for `invocation`, which describes the process that wrote the file.
std::string to_json(const Comparison& comparison);

/// Returns the ranked table of a group for the terminal, with a title and, if needed, notes below.
std::string to_table(const Group& group);

}  // namespace compare
