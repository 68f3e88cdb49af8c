// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study_file.hpp"
#include "compare_optimizers/task.hpp"

#include <functional>

namespace compare {

/// The values to try for each option.
using Grid = std::map<std::string, std::vector<double>>;
/// Returns the grid of an optimizer on a task: the default learning rates, or the values of
/// `plan.grid`, where "LOW:HIGH:COUNT" is a logarithmic grid. Throws OptionError if an entry is
/// malformed or contains a value that the optimizer rejects.
Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer);

/// Returns up to three points beyond each edge of the grid that `best` lies on. They continue the
/// spacing of the grid. Leaves out values that the optimizer rejects.
std::vector<Options> beyond_edges(const Grid& grid, const std::string& optimizer,
                                  const Options& best);

/// Returns the number of steps in an epoch. A surface has one step in an epoch.
std::uint64_t steps_per_epoch(const TaskInfo& task, std::optional<std::uint64_t> batch_size);
/// Returns the settings of a run of `plan` on a task, without the stage, the seed and the options.
Settings base_settings(const Plan& plan, const Task& task, std::optional<std::uint64_t> batch_size,
                       const std::string& optimizer);

/// Finds a finished run, or nullptr if it must be made first.
using FindRun = std::function<const Run*(const Settings&)>;

/// Tries the points of the grid and returns the optimizer `base.optimizer` with these points. It
/// calls `find` for each run that it needs, stops when it can choose no further run, and begins
/// anew at the next call. So the result depends only on the runs. `tuned` is the best point as soon
/// as `find` has returned every run; it stays empty if all points diverged. `at_edge` is true if
/// one of its options has the smallest or the largest value that was tried.
Optimizer search(const Plan& plan, const Settings& base, const Metric& metric, const FindRun& find);

}  // namespace compare
