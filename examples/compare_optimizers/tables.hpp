// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <string>

namespace compare {

// Tables of the report. All functions return HTML.

/// Returns a sample of the optimizer's line in the charts, followed by its name.
std::string name_with_swatch(const std::string& optimizer);
/// Returns the mean and standard deviation of an entry, or a dash if every run diverged.
std::string result_text(const Group& group, const Entry& entry);

/// Returns the table of ranks, with the differences to the best and whether they are significant.
std::string ranking_table(const Group& group);
/// Returns the table of tuned options, gains from tuning, and steps and seconds to the target.
std::string settings_table(const Group& group);
/// Returns a collapsed table of the diverged runs of every stage, or "" if there are none.
std::string diverged_runs(const Group& group);

}  // namespace compare
