// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace compare {

/// What a run is for: to choose among settings, to show what the rule's own defaults reach, or to
/// measure the settings that were chosen.
enum class Stage { tuning, defaults, final };

/// How long a run trains: until the first of those that are given.
struct Budget {
  std::optional<std::uint64_t> epochs{};
  std::optional<std::uint64_t> steps{};
  std::optional<double> seconds{};
};

/// Everything that decides what a run does.
struct RunSettings {
  Stage stage = Stage::tuning;
  std::string task;       ///< "digits", "csv:FILE", ...
  std::string optimizer;  ///< as optim::make takes it
  /// Hyper-parameters by name, "lr" always among them: {"lr": 0.01, "beta2": 0.99}.
  std::map<std::string, double> options{};
  std::size_t batch_size = 64;  ///< xgrad::datasets::full_batch for all rows
  std::vector<std::size_t> hidden{};
  std::uint64_t seed = 0;  ///< of the starting weights (or point) and of the batches' order
  Budget budget{};
  // Of a task from files.
  std::string label{};       ///< of "csv:FILE": the column of the classes; "" is the last
  double test_fraction = 0;  ///< of "csv:FILE": the share of the rows that is the test part
  std::string data{};        ///< a hash of all rows
  std::string version = xgrad::version();  ///< the program's that made the run
};

/// The loss of one training step.
struct StepPoint {
  std::uint64_t step = 0;
  double loss = 0;
};

/// A parameter pair of an analytic task after a step.
struct PathPoint {
  double x = 0, y = 0;
};

/// Where a run stood after an epoch (of an analytic task: after each of its steps that is kept).
struct EpochPoint {
  std::uint64_t epoch = 0;
  std::uint64_t step = 0;
  double seconds = 0;     ///< of training so far, without evaluations
  double train_loss = 0;  ///< mean over the epoch's rows
  std::optional<xgrad::train::Evaluation> validation{};
  std::optional<xgrad::train::Evaluation> test{};  ///< not in runs that tune
};

/// What came of a run; one file of JSON lines.
struct Run {
  RunSettings settings;
  std::vector<StepPoint> steps{};    ///< thinned to a bound
  std::vector<PathPoint> path{};     ///< analytic tasks, thinned likewise
  std::vector<EpochPoint> epochs{};  ///< at least one, unless it diverged before
  bool diverged = false;             ///< NaN, infinity, or a loss above the one at the start
  std::string reason{};              ///< why it counts as diverged, in words
  double seconds = 0;                ///< of training
};

}  // namespace compare
