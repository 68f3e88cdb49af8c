// SPDX-License-Identifier: MIT
#include <xgrad/train/history.hpp>

#include <xgrad/core/internal/numbers.hpp>

#include <limits>
#include <sstream>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kColumns =
    "epoch,train_loss,learning_rate,seconds,validation_loss,validation_accuracy,"
    "validation_accuracy_error,validation_rows";

}  // namespace

std::string to_csv(const History& history) {
  std::string text = std::string(kColumns) + "\n";
  std::size_t number = 0;
  for (const EpochRecord& epoch : history) {
    const Evaluation v = epoch.validation.value_or(Evaluation{kNone, kNone, kNone, 0});
    text += std::to_string(++number);
    for (const double x : {epoch.train_loss, epoch.learning_rate, epoch.seconds, v.loss, v.accuracy,
                           v.accuracy_stderr, static_cast<double>(v.count)}) {
      text.append(",").append(format_exactly(x));
    }
    text += "\n";
  }
  return text;
}

History from_csv(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != kColumns) {
    throw DataError("[from_csv] the first line must be \"" + std::string(kColumns) + "\"");
  }
  History history;
  while (std::getline(lines, line)) {
    std::vector<double> x;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) x.push_back(parse_number(field));
    if (x.size() != 8) throw DataError("[from_csv] a line must have 8 fields, got " + line);
    history.push_back({x[1], x[2], x[3], {}});
    if (x[7] > 0 && x[7] < 0x1p53) {
      history.back().validation = {x[4], x[5], x[6], static_cast<std::size_t>(x[7])};
    }
  }
  // Whatever else the text may say, an epoch number or a part of a row, has no place in a history.
  if (to_csv(history) != text) {
    throw DataError("[from_csv] the text is not the table of the " +
                    std::to_string(history.size()) + " epochs that it holds");
  }
  return history;
}

}  // namespace xgrad::inline XGRAD_ABI::train
