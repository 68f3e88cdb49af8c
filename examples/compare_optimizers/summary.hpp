// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/run.hpp"
#include "compare_optimizers/statistics.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace compare {

/// The metric that ranks optimizers: a higher accuracy or a lower loss is better.
enum class Metric { accuracy, loss };

/// The results of one optimizer on one task with one batch size.
struct Entry {
  std::string optimizer;
  std::map<std::string, double> tuned{};  ///< the winning options; empty if every run diverged
  bool at_edge = false;  ///< the winning learning rate is the grid's smallest or largest
  std::vector<Run> tuning{};
  std::vector<Run> defaults{};  ///< runs with the default options and the seeds of `finals`
  std::vector<Run> finals{};    ///< runs with the tuned options, one for each seed
  std::size_t failed = 0;       ///< number of final runs that diverged
  // `mean` and `stddev` are over the final runs that did not diverge. They are of the metric on the
  // test set after the last epoch; in an analytic task, of the value of the function.
  double mean = 0;                       ///< NaN if there is no such run
  double stddev = 0;                     ///< over seeds (n - 1); 0 with one seed
  std::optional<double> default_mean{};  ///< mean of `defaults`; nullopt if all diverged
  /// The mean paired difference to the best entry (this one minus the best) and its bootstrap
  /// interval, over the seeds with which neither diverged. nullopt for the best entry, and if there
  /// are fewer than two such seeds.
  std::optional<Interval> to_best{};
  bool tied = false;  ///< tied with the best: the interval of `to_best` contains 0
  /// Medians over the final runs; nullopt if at least half of them did not reach the target.
  std::optional<double> steps_to_target{}, seconds_to_target{};
};

/// The results of all optimizers on one task with one batch size, best first. An optimizer whose
/// final runs all diverged comes last.
struct Group {
  std::string task;
  std::size_t batch_size = 0;
  Metric metric = Metric::accuracy;
  double target = 0;  ///< target of the validation metric (analytic tasks: of the value)
  std::vector<Entry> entries{};
};

/// Returns the metric of a run after its last epoch: on the test set if it was evaluated there, on
/// the validation set otherwise, and the value of the function in an analytic task. Returns NaN if
/// the run diverged.
double score(const Run& run, Metric metric);

/// Returns the options of the run with the best validation metric after its last epoch. Between
/// equal runs, the other metric decides, and then the smaller options, so that the order of the
/// runs does not matter. Returns no options if all runs diverged.
std::map<std::string, double> winner(const std::vector<Run>& tuning, Metric by);

/// Groups the runs of one task and one batch size into entries and ranks them: fewer failed final
/// runs come first, then the better mean. The tuned options are those of the final runs, or
/// winner(tuning, metric) if there are none yet. Steps and seconds to the target are counted to the
/// end of the epoch that reached it, and are infinite for a run that did not reach it. Throws
/// xgrad::OptionError if the final runs of an optimizer differ in their options or share a seed.
Group summarise(std::string task, std::size_t batch_size, Metric metric, double target,
                std::vector<Run> runs);

/// The contents of summary.csv, summary.json and report.html.
struct Comparison {
  std::string title;
  // `command` and `machine` describe the process that wrote these files; another process may have
  // made the runs.
  std::string command;                                         ///< quoted for a shell
  std::vector<std::pair<std::string, std::string>> machine{};  ///< for example {"BLAS", "OpenBLAS"}
  std::vector<std::string> protocol{};                         ///< one sentence or paragraph each
  std::vector<Group> groups{};
};

}  // namespace compare
