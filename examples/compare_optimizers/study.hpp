// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/jobs.hpp"
#include "compare_optimizers/plan.hpp"
#include "compare_optimizers/summary.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace compare {

/// A comparison from its plan to its figures: tune on the validation part, then measure on the test
/// part, task by task and batch size by batch size.
class Study {
 public:
  /// Loads the tasks. `target` is that of the time to target; none: the task's own. Throws
  /// xgrad::DataError and xgrad::OptionError.
  Study(Plan plan, Metric by, std::optional<double> target, const std::filesystem::path& data);

  std::size_t tuning_runs() const { return tuning_.size(); }
  /// At most; an optimizer whose tuning runs all diverged has fewer.
  std::size_t final_runs() const;
  /// How long all runs take on one thread, from a tenth of a second of each kind.
  double estimate() const;

  /// Makes the runs. Gives back nothing where the jobs' stop was requested.
  std::optional<Comparison> perform(const Jobs& jobs);

 private:
  using Key = std::pair<std::string, std::size_t>;  // task and batch size
  std::vector<Key> keys() const;
  Metric metric(const std::string& task) const;
  double target(const std::string& task) const;
  double seconds_of(RunSettings settings) const;
  /// Adds what the settings say of the task's data.
  std::vector<RunSettings> on_data(std::vector<RunSettings> runs) const;
  std::vector<RunSettings> finals(const std::map<Key, std::vector<Run>>& tuned) const;

  Plan plan_;
  Metric by_;
  std::optional<double> target_;
  std::map<std::string, Task> tasks_{};
  std::vector<RunSettings> tuning_{};
};

}  // namespace compare
