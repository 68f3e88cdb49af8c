// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/plan.hpp"
#include "compare_optimizers/runs.hpp"

namespace compare {

/// Makes a run, or returns nullopt if the study was stopped.
using MakeRun = std::function<std::optional<Run>(const Settings&)>;
/// Keeps a run. Any thread may call it.
using AddRun = std::function<void(const Record&)>;
/// Makes the runs `todo` and keeps them.
using ShareRuns =
    std::function<void(const std::vector<Settings>& todo, const MakeRun& make, const AddRun& add)>;

/// How runs are made.
struct Jobs {
  unsigned workers = 1;                             ///< runs at the same time, one thread each
  const xgrad::train::StopRequest* stop = nullptr;  ///< ends the study
  std::function<void(const Study&)> on_progress{};  ///< if set, gets the study every two seconds
  ShareRuns share{};                                ///< if empty, this process makes all runs
};

/// Returns the settings of a run after tuning. Runs of the stage "defaults" ignore `tuned`.
Settings final_settings(Settings settings, const std::string& stage, std::uint64_t seed,
                        const Options& tuned);

/// A plan with its tasks: which runs it needs, and the study that follows from them.
class Comparison {
 public:
  /// Loads the tasks. `command` is the command line that the study names. Throws DataError if data
  /// cannot be read, and OptionError if the plan contains an unknown name or an invalid value.
  Comparison(Plan plan, const std::filesystem::path& data, std::string command = {});

  /// Returns the runs that can be made now, the longest first. None is left if the study is
  /// complete.
  std::vector<Settings> next(const Journal& journal) const;
  /// Makes a run; see execute().
  std::optional<Run> make(const Settings& settings, const xgrad::train::StopRequest& stop) const;
  /// Makes all runs that the journal lacks, and shows the progress in the terminal. Returns whether
  /// the study is complete: false if a stop was requested.
  bool perform(Journal& journal, const Jobs& jobs) const;
  /// Returns the study as far as its runs exist.
  Study study(const Journal& journal) const;

  /// Estimates the seconds of training that the study takes, after training for a short time.
  double estimate(const xgrad::train::StopRequest& stop) const;
  /// Estimates how many runs the study has, and their work in the units of work_of().
  std::pair<std::uint64_t, double> total() const;
  /// Returns the work of a run in arbitrary units.
  double work_of(const Settings& settings) const;

  /// Repeats `count` runs of a study of this plan, drawn at random, and compares them: bit for bit
  /// if this machine has the same kernels, BLAS and version, and else to a tolerance. Returns what
  /// was compared, as lines of text. Throws DataError if a run differs, or if the data differ.
  std::string verify(const Study& study, std::uint64_t count, const Jobs& jobs) const;

 private:
  /// Returns the final runs of a study with their settings. Throws DataError if the data differ.
  std::vector<Record> final_runs(const Study& study) const;

  struct Key {
    const Task* task;
    std::optional<std::uint64_t> batch_size;
  };
  Optimizer collect(const Key& key, const std::string& name, const FindRun& find) const;
  Group group(const Key& key, const FindRun& find) const;
  Metric metric_of(const Task& task) const;

  Plan plan_;
  std::string command_;
  std::map<std::string, Task> tasks_{};
  std::vector<Key> keys_{};
  std::map<const Task*, ModelInfo> models_{};
};

/// Describes the machine, with a fingerprint of all that determines how numbers are rounded.
Machine this_machine();

/// Writes the report: a page with the study in it. Without the files of Vega, which the Debian
/// package libjs-vega installs, the page has its tables only. Throws DataError if the file cannot
/// be written.
void write_report(const std::filesystem::path& file, const Study& study);

}  // namespace compare
