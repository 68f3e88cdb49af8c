// SPDX-License-Identifier: MIT
#pragma once

// The contents of study.json, which docs/study.md describes. study_file.hpp reads and writes them.

#include "compare_optimizers/json_values.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace compare {

using Options = std::map<std::string, double>;  ///< hyperparameters by name
using Pair = std::array<Real, 2>;               ///< a point, or the ends of an interval

/// What happened during a run, as columns of equal length. A column that does not exist is empty.
struct Curve {
  std::vector<Real> epoch, seconds, train_loss, validation_loss, validation, test_loss, test;
};

/// A training run.
struct Run {
  std::string stage;  ///< "tuning", "tuned" or "defaults"
  std::uint64_t seed = 0, split_seed = 0, epochs = 0, steps = 0;
  bool diverged = false;  ///< the loss became NaN or infinite, or ended above its initial value
  std::string reason;     ///< why the run counts as diverged
  std::optional<double> value;  ///< the metric at the end, with all digits; in tuning of validation
  Real seconds, steps_to_target, seconds_to_target;  ///< `seconds` is the training time
  std::string bits, hash;  ///< hashes of the exact results, and of this object in the file
  Curve curve;
  std::vector<Pair> path;  ///< the points of an analytic task
};

/// How a table is read.
struct Table {
  std::string label, header = "guess", delimiter = "comma";
  bool decimal_comma = false;
  double test_fraction = 0.2;
  std::vector<std::string> predict;  ///< columns of numbers to predict; empty: the label column
};

/// What a study covers.
struct Plan {
  std::vector<std::string> tasks{"digits"};
  std::vector<std::string> optimizers{"sgd", "momentum", "nag", "adagrad", "rmsprop", "adam"};
  std::vector<std::uint64_t> batch_sizes{64};
  std::vector<std::uint64_t> hidden;  ///< empty: one layer of 64 units, or 128 for larger images
  std::optional<std::uint64_t> epochs, steps;
  std::string model = "mlp", search = "grid", by = "accuracy";
  std::uint64_t tuning_seeds = 3, seeds = 5;
  std::vector<std::string> grid;  ///< for example "lr=0.1,0.2", "adam.beta2=0.99,0.999"
  bool extend = true;             ///< whether a grid whose best point is at its edge is extended
  std::optional<double> target;
  Table table;
};

struct TaskInfo {
  std::string name, title, kind, split, data;
  std::vector<std::string> classes;
  std::uint64_t features = 0, train_rows = 0, validation_rows = 0, test_rows = 0;
};
struct ModelInfo {
  std::string name, description;
  std::uint64_t parameters = 0;
};
struct Metric {
  std::string name;
  bool higher_is_better = true, percent = false;
  /// Returns a number that is smaller for a better value.
  double badness(double value) const { return higher_is_better ? -value : value; }
};
struct Target {
  Real value;
  std::string reason;
};
struct TuningPoint {
  Options options;
  std::vector<Real> values;  ///< one per tuning seed
  Real mean;                 ///< null unless every seed was run
  std::uint64_t steps = 0;
  bool extended = false, kept = true;
  std::vector<Run> runs;
};
struct Tuned {
  Options options;
  std::string code;
  bool at_edge = false;
};
struct Estimate {
  Real mean, standard_error;
  Pair interval;
  std::uint64_t n = 0, diverged = 0;
};
struct Versus {
  Real difference, p, p_holm;
  Pair interval;
  bool significant = false;
};
struct ToTarget {
  Real median;
  std::uint64_t reached = 0, of = 0;
};
struct Summary {
  std::optional<Estimate> tuned, defaults;
  std::optional<std::uint64_t> rank;
  std::optional<Versus> versus_best, gain;
  ToTarget steps_to_target, seconds_to_target;
  bool still_improving = false, tuned_worse_than_defaults = false;
  Real seconds_per_step;
};
struct Optimizer {
  std::string name;
  std::vector<TuningPoint> tuning;
  std::optional<Tuned> tuned;
  std::vector<Run> runs;
  Summary summary;
};
struct Conclusion {
  std::string best, sentence;
  std::vector<std::string> indistinguishable, advice;
};
/// The results on one task with one batch size, the best optimizer first.
struct Group {
  TaskInfo task;
  std::optional<std::uint64_t> batch_size;  ///< nullopt: all rows
  ModelInfo model;
  std::uint64_t epochs = 0, steps_per_epoch = 0, comparisons = 0;
  Metric metric;
  Target target;
  nlohmann::json analytic;  ///< the function of an analytic task, for a contour chart
  std::vector<Optimizer> optimizers;
  Conclusion conclusion;
};
struct Study {
  std::string format = "xgrad-study";
  std::uint64_t version = 1;
  bool complete = true;
  nlohmann::json progress;  ///< how far the study is; null if it is complete
  nlohmann::json program;   ///< the version and the command line, and the seconds of training
  nlohmann::json machine;   ///< the machine, with a fingerprint of all that determines the rounding
  Plan plan;
  nlohmann::json rules;  ///< how the report describes and draws the optimizers
  std::vector<Group> groups;
  nlohmann::json across;  ///< a summary of several groups
  std::string hash;
};

}  // namespace compare
