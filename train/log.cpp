// SPDX-License-Identifier: MIT
#include <xgrad/train/log.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/log.hpp>

#include <cmath>
#include <string>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

std::string describe_start(const Run& run) {
  std::string text = "[train] run started";
  if (run.progress.step > 0) {
    text = "[train] run resumed after " + counted(run.progress.step, "step");
  }
  text += ": " + run.optimizer.name() + ", learning rate " +
          format_number(run.optimizer.learning_rate()) + ", " + counted(run.loader.rows(), "row") +
          " in " + std::to_string(run.loader.batches()) + " batches";
  return run.epochs > 0 ? text + ", " + counted(run.epochs, "epoch") : text;
}

std::string describe_epoch(const Run& run) {
  const EpochRecord& epoch = run.progress.history.back();
  std::string text = "[train] epoch " + std::to_string(run.progress.epoch);
  if (run.epochs > 0) text.append("/").append(std::to_string(run.epochs));
  text += ": train loss " + format_number(epoch.train_loss);
  if (epoch.validation) {
    text += ", validation loss " + format_number(epoch.validation->loss);
    if (!std::isnan(epoch.validation->accuracy)) {
      text += ", validation accuracy " + format_number(epoch.validation->accuracy);
    }
    if (!std::isnan(epoch.validation->r2)) {
      text += ", validation R2 " + format_number(epoch.validation->r2);
    }
  }
  return text + ", learning rate " + format_number(epoch.learning_rate) + ", " +
         format_number(std::round(1000 * epoch.seconds) / 1000) + " s";
}

std::string describe_end(const Run& run) {
  return std::string("[train] run ") + (run.stopped ? "stopped" : "ended") + " after " +
         counted(run.progress.epoch, "epoch") + ", " + counted(run.progress.step, "step");
}

std::string first_not_finite(const nn::Module& model) {
  for (const auto& [name, p] : model.named_parameters()) {
    if (!all_finite(p.value())) return name;
  }
  return "the loss itself";
}

}  // namespace

void Log::on_begin(Run& run) {
  if (!run.is_first_process()) return;
  log_message(LogLevel::info, [&] { return describe_start(run); });
}

void Log::on_loss(Run& run) {
  if (std::isfinite(run.loss) || !run.is_first_process()) return;
  log_message(LogLevel::error, [&] {
    return "[train] the loss of step " + std::to_string(run.optimizer.step_count() + 1) + " is " +
           format_number(run.loss) + " (learning rate " +
           format_number(run.optimizer.learning_rate()) +
           "); the first tensor that is not finite is " + first_not_finite(run.model);
  });
}

void Log::on_epoch(Run& run) {
  if (!run.is_first_process()) return;
  log_message(LogLevel::info, [&] { return describe_epoch(run); });
}

void Log::on_end(Run& run) {
  if (!run.is_first_process()) return;
  log_message(LogLevel::info, [&] { return describe_end(run); });
}

}  // namespace xgrad::inline XGRAD_ABI::train
