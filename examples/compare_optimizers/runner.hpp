// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/task.hpp"

namespace compare {

/// Trains once; none where `stop` was requested meanwhile. The test part is read in runs of
/// Stage::final and Stage::defaults alone.
std::optional<Run> execute(const Task& task, const RunSettings& settings,
                           const xgrad::train::StopRequest& stop);

}  // namespace compare
