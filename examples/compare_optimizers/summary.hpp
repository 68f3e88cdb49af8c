// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"

namespace compare {

/// Ranks the optimizers of a group and computes everything that follows from their runs: the
/// target, the summaries and the conclusion. `overlap` is that of t_test(). Fewer diverged runs
/// rank first, then the better mean. The target is `target`, or is chosen so that three quarters of
/// the optimizers reach it. Steps and seconds to the target are counted to the first point of a
/// curve that reached it.
void summarise(Group& group, double overlap, std::optional<double> target);

/// Summarises several groups. Returns null for fewer than two groups or two optimizers.
nlohmann::json summarise_across(const std::vector<Group>& groups);

/// Writes the conclusion of a group.
Conclusion conclude(const Group& group);
/// Returns a value of the metric as text: "97.31 %", "0.0123".
std::string value_text(const Metric& metric, double value);
/// Returns the options as text: "lr=0.01 beta2=0.99".
std::string options_text(const Options& options);
/// Returns a table of the results for the terminal.
std::string to_table(const Group& group);
/// Returns the order of the optimizers as one line: "iris: adam 97.3 %, sgd 96.0 %".
std::string ranking(const Group& group);

}  // namespace compare
