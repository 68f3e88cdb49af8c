// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <string>

namespace compare {

// Tables of the report, as HTML.

/// The optimizer's name behind a piece of its line in the pictures.
std::string name_with_swatch(const std::string& optimizer);
/// An entry's mean and standard deviation; a dash where every run diverged.
std::string result_text(const Group& group, const Entry& entry);

/// Who comes first, by how much, and whether that is real.
std::string ranking_table(const Group& group);
/// What was tuned, what that buys, and how long the target takes.
std::string settings_table(const Group& group);
/// The diverged runs of every stage, folded away; nothing where there are none.
std::string diverged_runs(const Group& group);

}  // namespace compare
