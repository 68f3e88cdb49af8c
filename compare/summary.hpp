// SPDX-License-Identifier: MIT
#pragma once

#include "compare/run.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace compare {

/// What ranks optimizers: of accuracy more is better, of loss less.
enum class Metric { accuracy, loss };

/// A mean with an interval around it.
struct Interval {
  double mean = 0, low = 0, high = 0;
};

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
  double mean = 0;
  double deviation = 0;                  ///< standard deviation over seeds (n - 1); 0 with one seed
  std::optional<double> default_mean{};  ///< the same of `defaults`; none where all diverged
  /// The paired difference to the best entry over the seeds, bootstrapped; none for the best.
  std::optional<Interval> to_best{};
  bool tied = false;                        ///< with the best: the interval holds 0
  std::optional<double> steps_to_target{};  ///< median over final runs; none: most never got there
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

/// Everything that summary.csv, summary.json and report.html say.
struct Comparison {
  std::string title;
  std::string command;
  std::vector<std::pair<std::string, std::string>> machine{};  ///< "BLAS": "OpenBLAS 0.3.21", ...
  std::vector<std::string> protocol{};                         ///< sentences
  std::vector<Group> groups{};
};

}  // namespace compare
