// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/evaluate.hpp>

#include <optional>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// The results of an epoch.
struct EpochRecord {
  double train_loss = 0;                   ///< mean over the rows of the losses in their steps
  double learning_rate = 0;                ///< learning rate of the last step
  double seconds = 0;                      ///< training time in seconds, without the validation
  std::optional<Evaluation> validation{};  ///< nullopt if there are no validation data
};

/// The epochs of a run, from first to last.
using History = std::vector<EpochRecord>;

/// Returns a history as a CSV table with one row per epoch. Each number is the shortest text that
/// is read as the same number. Without validation, its columns contain "nan", and its rows are 0.
std::string to_csv(const History& history);

}  // namespace xgrad::inline XGRAD_ABI::train
