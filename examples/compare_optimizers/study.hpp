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

/// Carries out a comparison. For each task and batch size, it tunes the optimizers on the
/// validation set, then measures them on the test set.
class Study {
 public:
  /// Loads the tasks. `target` is the value of the validation metric that steps and seconds to the
  /// target refer to; each task has a default. Throws xgrad::DataError if data cannot be read, and
  /// xgrad::OptionError if the plan contains an unknown name or an invalid value.
  Study(Plan plan, Metric by, std::optional<double> target, const std::filesystem::path& data);

  /// Returns the number of tuning runs.
  std::size_t tuning_runs() const { return tuning_.size(); }
  /// Returns the largest possible number of runs after tuning. An optimizer whose tuning runs all
  /// diverged has fewer.
  std::size_t final_runs() const;
  /// Estimates the seconds that all runs take on one thread. It trains for a tenth of a second with
  /// each task, batch size and optimizer.
  double estimate() const;

  /// Makes all runs and summarises them. Returns nullopt if `jobs.stop` was requested.
  std::optional<Comparison> perform(const Jobs& jobs);

 private:
  using Key = std::pair<std::string, std::size_t>;  // task and batch size
  /// Returns all pairs of a task and a batch size.
  std::vector<Key> keys() const;
  Metric metric(const std::string& task) const;
  double target(const std::string& task) const;
  /// Estimates the seconds that a run with these settings takes.
  double seconds_of(RunSettings settings) const;
  /// Sets the hash of the task's data in the settings.
  std::vector<RunSettings> on_data(std::vector<RunSettings> runs) const;
  /// Returns the runs that follow the tuning runs.
  std::vector<RunSettings> finals(const std::map<Key, std::vector<Run>>& tuned) const;

  Plan plan_;
  Metric by_;
  std::optional<double> target_;
  std::map<std::string, Task> tasks_{};
  std::vector<RunSettings> tuning_{};
};

}  // namespace compare
