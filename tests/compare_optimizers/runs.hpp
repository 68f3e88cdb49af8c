// SPDX-License-Identifier: MIT
#pragma once

// Creates runs for tests without training.

#include "compare_optimizers/run.hpp"

namespace compare::test {

/// Returns a run on "digits" without any results.
inline Run run(Stage stage, const std::string& optimizer, double lr, std::uint64_t seed = 0) {
  Run result;
  result.settings.stage = stage;
  result.settings.task = "digits";
  result.settings.optimizer = optimizer;
  result.settings.options = {{"lr", lr}};
  result.settings.seed = seed;
  return result;
}

/// Returns a tuning run of one epoch with this validation accuracy and loss.
inline Run tuning(const std::string& optimizer, double lr, double accuracy, double loss = 1) {
  Run result = run(Stage::tuning, optimizer, lr);
  result.epochs = {{1, 10, 0.5, loss, xgrad::train::Evaluation{loss, accuracy, 0, 100}, {}}};
  return result;
}

/// Returns a final run with these test accuracies after its epochs. Each epoch takes ten steps and
/// half a second. The validation accuracy is 0.01 lower than the test accuracy.
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

/// Marks the run as diverged.
inline Run diverged(Run result) {
  result.diverged = true;
  result.reason = "the loss is nan";
  return result;
}

}  // namespace compare::test
