// SPDX-License-Identifier: MIT
#pragma once

// Creates runs and groups for tests without training.

#include <xgrad/train/callbacks.hpp>

#include "compare_optimizers/study.hpp"

namespace compare::test {

inline const xgrad::train::StopRequest kNever;  ///< is never requested

/// Returns a run of two epochs of ten steps with this test accuracy. Its validation accuracy is
/// 0.01 lower. Without a value, the run diverged.
inline Run run(const std::string& stage, std::uint64_t seed, std::optional<double> value) {
  Run result;
  result.stage = stage;
  result.seed = seed;
  result.epochs = 2;
  result.steps = 20;
  result.seconds = 1;
  result.value = value;
  result.diverged = !value;
  if (!value) {
    result.reason = "the loss is nan";
    return result;
  }
  result.curve.epoch = {1.0, 2.0};
  result.curve.seconds = {0.5, 1.0};
  result.curve.train_loss = {0.7, 0.5};
  result.curve.validation_loss = {0.7, 0.6};
  result.curve.validation = {*value - 0.1, *value - 0.01};
  result.curve.test_loss = {0.7, 0.6};
  result.curve.test = {*value - 0.1, *value};
  return result;
}

/// Returns an optimizer with tuned and default runs of the seeds 1, 2, ...
inline Optimizer optimizer(const std::string& name, const std::vector<double>& tuned,
                           const std::vector<double>& defaults) {
  Optimizer result;
  result.name = name;
  result.tuned = Tuned{{{"lr", 0.1}}, "", false};
  for (const double value : tuned) {
    result.runs.push_back(run("tuned", result.runs.size() + 1, value));
  }
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    result.runs.push_back(run("defaults", i + 1, defaults[i]));
  }
  return result;
}

/// Returns a group of a classification task.
inline Group group(std::vector<Optimizer> optimizers) {
  Group result;
  result.task.name = "digits";
  result.task.kind = "classification";
  result.batch_size = 64;
  result.epochs = 2;
  result.steps_per_epoch = 10;
  result.metric = {"accuracy", true, true};
  result.optimizers = std::move(optimizers);
  return result;
}

}  // namespace compare::test
