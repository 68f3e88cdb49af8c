// SPDX-License-Identifier: MIT
#include <xgrad/train/history.hpp>

#include <xgrad/core/internal/numbers.hpp>

#include <limits>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kColumns =
    "epoch,train_loss,learning_rate,seconds,validation_loss,validation_accuracy,"
    "validation_accuracy_error,validation_rows,validation_r2";

}  // namespace

std::string to_csv(const History& history) {
  std::string text = std::string(kColumns) + "\n";
  std::size_t number = 0;
  for (const EpochRecord& epoch : history) {
    const Evaluation v = epoch.validation.value_or(Evaluation{kNone, kNone, kNone, 0});
    text += std::to_string(++number);
    for (const double x : {epoch.train_loss, epoch.learning_rate, epoch.seconds, v.loss, v.accuracy,
                           v.accuracy_stderr, static_cast<double>(v.count), v.r2}) {
      text.append(",").append(format_exactly(x));
    }
    text += "\n";
  }
  return text;
}

}  // namespace xgrad::inline XGRAD_ABI::train
