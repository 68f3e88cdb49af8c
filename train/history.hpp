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

/// The epochs of a run, first to last.
using History = std::vector<EpochRecord>;

/// Returns a history as CSV: a line of column names, then one line per epoch. The validation
/// columns contain "nan" and 0 rows if there was no validation.
std::string to_csv(const History& history);
/// Returns the history from a text that to_csv() returned, bit for bit. Throws DataError for any
/// other text.
History from_csv(const std::string& text);

}  // namespace xgrad::inline XGRAD_ABI::train
