// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/evaluate.hpp>

#include <optional>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// What is known of an epoch when it has ended.
struct EpochRecord {
  double train_loss = 0;                   ///< mean over the rows, each as its step saw it
  double learning_rate = 0;                ///< of the last step
  double seconds = 0;                      ///< of training, without the validation
  std::optional<Evaluation> validation{};  ///< none without validation data
};

/// The epochs of a run, first to last.
using History = std::vector<EpochRecord>;

/// A history as a table, a line for each epoch; "nan" and 0 rows where there was no validation.
std::string to_csv(const History& history);
/// The history that to_csv wrote, bit for bit. Throws DataError for any other text.
History from_csv(const std::string& text);

}  // namespace xgrad::inline XGRAD_ABI::train
