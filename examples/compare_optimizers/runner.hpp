// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/task.hpp"

namespace compare {

/// Trains once and returns the run, or nullopt if `stop` was requested meanwhile. Only runs of
/// Stage::final and Stage::defaults read the test set.
std::optional<Run> execute(const Task& task, const RunSettings& settings,
                           const xgrad::train::StopRequest& stop);

}  // namespace compare
