// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

namespace compare {

/// "accuracy" or "loss"
std::string name_of(Metric metric);
/// "64" or "full"
std::string name_of_batch(std::size_t batch_size);

/// summary.csv: a line for each entry, best first; a field stands empty where there is no value.
/// Everything but the last column, seconds_to_target, is the same for the same runs.
std::string to_csv(const Comparison& comparison);

/// summary.json: all of the comparison, with the last value of each run and without its curves;
/// null where there is no value. Everything but `invocation`, which is of the process that wrote
/// it, and the fields seconds_to_target is the same for the same runs.
std::string to_json(const Comparison& comparison);

/// The ranked table of a group for the terminal, with a line above it and the notes it needs below.
std::string to_table(const Group& group);

}  // namespace compare
