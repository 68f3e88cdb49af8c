// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/registry.hpp"
#include "compare_optimizers/study_file.hpp"
#include "compare_optimizers/summary.hpp"

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

/// Finds a finished run, or nullptr if it must be made first.
using FindRun = std::function<const Run*(const Settings&)>;

/// Tries the points of the grid and returns the optimizer `base.optimizer` with these points. It
/// calls `find` for each run that it needs, stops when it can choose no further run, and begins
/// anew at the next call. So the result depends only on the runs. `tuned` is the best point as soon
/// as `find` has returned every run; it stays empty if all points diverged. `at_edge` is true if
/// one of its options has the smallest or the largest value that was tried.
Optimizer search(const Plan& plan, const Settings& base, const Metric& metric, const FindRun& find);

/// Trains once and returns the run, or nullopt if `stop` was requested meanwhile. Only runs of the
/// stages "tuned" and "defaults" read the test rows. The seed determines the initial weights, the
/// order of the rows and the split; runs of the tuning have other ones than runs after it.
std::optional<Run> execute(const Task& task, const Settings& settings, const Metric& metric,
                           const xgrad::train::StopRequest& stop);

/// Calls work(0), work(1), ... work(count - 1) on at most `threads` threads. After an exception, no
/// further call starts; the first exception is rethrown after all threads have ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

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
  /// Returns the settings of a run of an optimizer, without the stage, the seed and the options.
  Settings base_settings(const Group& group, const std::string& optimizer) const;
  /// Returns the settings of a run after tuning, of the stage "tuned" or "defaults".
  Settings final_settings(const Group& group, const Optimizer& optimizer, const std::string& stage,
                          std::uint64_t seed) const;
  /// Returns what is known of an optimizer: its tuning, and its runs after it.
  Optimizer collect(const Group& group, const std::string& name, const FindRun& find) const;
  /// Returns the final runs of a study with their settings. Throws DataError if the data differ.
  std::vector<Record> final_runs(const Study& study) const;

  Plan plan_;
  std::string command_;
  std::map<std::string, Task> tasks_{};
  std::vector<Group> groups_{};  // without optimizers
};

/// Writes the report: a page with the study in it. Without the files of Vega, which the Debian
/// package libjs-vega installs, the page has its tables only. Throws DataError if the file cannot
/// be written.
void write_report(const std::filesystem::path& file, const Study& study);

}  // namespace compare
