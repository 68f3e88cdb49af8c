// SPDX-License-Identifier: MIT
#pragma once

// Runs as they come from the runner, without training any.

#include "compare_optimizers/run.hpp"

namespace compare::test {

inline Run run(Stage stage, const std::string& optimizer, double lr, std::uint64_t seed = 0) {
  Run result;
  result.settings.stage = stage;
  result.settings.task = "digits";
  result.settings.optimizer = optimizer;
  result.settings.options = {{"lr", lr}};
  result.settings.seed = seed;
  return result;
}

/// A run with that validation accuracy and loss in its only epoch.
inline Run tuning(const std::string& optimizer, double lr, double accuracy, double loss = 1) {
  Run result = run(Stage::tuning, optimizer, lr);
  result.epochs = {{1, 10, 0.5, loss, xgrad::train::Evaluation{loss, accuracy, 0, 100}, {}}};
  return result;
}

/// A run with that test accuracy after each epoch of ten steps and half a second; its validation
/// accuracy is 0.01 lower.
inline Run final(const std::string& optimizer, std::uint64_t seed, std::vector<double> accuracies,
                 double lr = 0.1) {
  Run result = run(Stage::final, optimizer, lr, seed);
  for (const double accuracy : accuracies) {
    const std::uint64_t epoch = result.epochs.size() + 1;
    result.epochs.push_back({epoch, 10 * epoch, 0.5 * static_cast<double>(epoch), 1 - accuracy,
                             xgrad::train::Evaluation{1 - accuracy, accuracy - 0.01, 0, 100},
                             xgrad::train::Evaluation{1 - accuracy, accuracy, 0, 100}});
  }
  return result;
}

inline Run diverged(Run result) {
  result.diverged = true;
  result.reason = "the loss is nan";
  return result;
}

}  // namespace compare::test
