// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace compare {

/// The purpose of a run: `tuning` tries one point of the grid, `defaults` measures the optimizer
/// with its default options, and `final` measures it with the options that won the tuning.
enum class Stage { tuning, defaults, final };

/// The length of a run. It ends as soon as one of the limits that are set is reached.
struct Budget {
  std::optional<std::uint64_t> epochs{};
  std::optional<std::uint64_t> steps{};
  std::optional<double> seconds{};
};

/// All settings that determine the result of a run.
struct RunSettings {
  Stage stage = Stage::tuning;
  std::string task;       ///< "digits", "csv:FILE", ...
  std::string optimizer;  ///< a name that optim::make accepts
  /// Hyperparameters by name, for example {"lr": 0.01, "beta2": 0.99}. "lr" is always present.
  std::map<std::string, double> options{};
  std::size_t batch_size = 64;        ///< xgrad::datasets::full_batch: all rows
  std::vector<std::size_t> hidden{};  ///< widths of the hidden layers
  std::uint64_t seed = 0;  ///< determines the initial weights (or point) and the order of rows
  Budget budget{};
  // Only for tasks that are read from files:
  std::string label{};                     ///< "csv:FILE": the label column; "" means the last one
  double test_fraction = 0;                ///< "csv:FILE": the fraction of rows in the test set
  std::string data{};                      ///< hash of all rows
  std::string version = xgrad::version();  ///< version of the program that made the run
};

/// The loss of one training step.
struct StepPoint {
  std::uint64_t step = 0;
  double loss = 0;
};

/// The two parameters of an analytic task after a step.
struct PathPoint {
  double x = 0, y = 0;
};

/// The state of a run at the end of an epoch. In an analytic task, there is one for each step that
/// is kept.
struct EpochPoint {
  std::uint64_t epoch = 0;
  std::uint64_t step = 0;
  double seconds = 0;     ///< training time so far, without evaluations
  double train_loss = 0;  ///< mean over the rows of the epoch
  std::optional<xgrad::train::Evaluation> validation{};
  std::optional<xgrad::train::Evaluation> test{};  ///< empty in tuning runs
};

/// The result of a run. It is stored in one file, as JSON lines (run_file.hpp).
struct Run {
  RunSettings settings;
  std::vector<StepPoint> steps{};    ///< thinned to fewer than 400 points
  std::vector<PathPoint> path{};     ///< analytic tasks only; thinned to fewer than 400 points
  std::vector<EpochPoint> epochs{};  ///< at least one, unless the run diverged in the first epoch
  bool diverged = false;  ///< the loss became NaN or infinite, or ended above its initial value
  std::string reason{};   ///< why the run counts as diverged
  double seconds = 0;     ///< training time
};

}  // namespace compare
