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

/// What ranks optimizers: of accuracy more is better, of loss less.
enum class Metric { accuracy, loss };

/// One optimizer on one task with one batch size.
struct Entry {
  std::string optimizer;
  std::map<std::string, double> tuned{};  ///< the options that won; empty where every run diverged
  bool at_edge = false;  ///< the winning learning rate is the grid's smallest or largest
  std::vector<Run> tuning{};
  std::vector<Run> defaults{};  ///< the rule's own options, the same seeds as `finals`
  std::vector<Run> finals{};    ///< the tuned options, one run for each seed
  std::size_t failed = 0;       ///< of the final runs, those that diverged
  // Over the final runs that did not diverge; test set, after the last epoch. For the analytic
  // tasks the loss, which is the function's value.
  double mean = 0;                       ///< NaN where there is no such run
  double stddev = 0;                     ///< standard deviation over seeds (n - 1); 0 with one seed
  std::optional<double> default_mean{};  ///< the same of `defaults`; none where all diverged
  /// The paired difference to the best entry (this one minus the best) over the seeds at which
  /// neither diverged, bootstrapped; none for the best and with fewer than two such seeds.
  std::optional<Interval> to_best{};
  bool tied = false;                        ///< with the best: the interval holds 0
  std::optional<double> steps_to_target{};  ///< median over final runs; none: half never got there
  std::optional<double> seconds_to_target{};
};

/// All optimizers on one task with one batch size, best first; those that failed stand last.
struct Group {
  std::string task;
  std::size_t batch_size = 0;
  Metric metric = Metric::accuracy;
  double target = 0;  ///< of the validation metric (analytic: of the value) for time to target
  std::vector<Entry> entries{};
};

/// What a run reached after its last epoch by that metric: on the test set where it was read, on
/// the validation set otherwise; for the analytic tasks, which have neither, the value. NaN where
/// the run diverged.
double score(const Run& run, Metric metric);

/// The options of the run that did best on the validation set after its last epoch (the other
/// metric decides between equals, then the smaller options, so that the order of the runs does not
/// matter); empty where all diverged.
std::map<std::string, double> winner(const std::vector<Run>& tuning, Metric by);

/// Sorts the runs of one task and one batch size into entries and ranks these: fewer failed final
/// runs first, then the better mean. The final runs tell which options had won; where there are
/// none yet, winner(tuning, metric) does. Steps and seconds to the target count to the end of the
/// epoch that reached it; a run that did not takes for ever. Throws xgrad::OptionError where the
/// final runs of an optimizer differ in their options or share a seed.
Group summarise(std::string task, std::size_t batch_size, Metric metric, double target,
                std::vector<Run> runs);

/// Everything that summary.csv, summary.json and report.html say.
struct Comparison {
  std::string title;
  // Of the process that wrote them, which need not be the one that made the runs.
  std::string command;                                         ///< as a shell takes it
  std::vector<std::pair<std::string, std::string>> machine{};  ///< "BLAS": "OpenBLAS 0.3.21", ...
  std::vector<std::string> protocol{};                         ///< sentences
  std::vector<Group> groups{};
};

}  // namespace compare
