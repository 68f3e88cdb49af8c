// SPDX-License-Identifier: MIT
#include <xgrad/train/callbacks.hpp>

#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/train/sharded_step.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::train {

namespace {

template <class... Numbers>
std::string printed(const char* format, Numbers... numbers) {
  char text[256];
  std::snprintf(text, sizeof text, format, numbers...);
  return text;
}

/// Returns "[===   ] text" in at most `room` columns. If there is no room for a bar of 5 cells,
/// returns the text alone, truncated to `room` columns.
std::string bar_beside(const std::string& text, double part, std::size_t room) {
  constexpr std::size_t shortest = 5, longest = 30;
  const std::size_t frame = text.size() + std::string_view("[] ").size();
  if (room < frame + shortest) return text.substr(0, room);
  const std::size_t width = std::min(longest, room - frame);
  const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
  std::string line = "[";
  return line.append(full, '=').append(width - full, ' ').append("] ").append(text);
}

}  // namespace

// ---- ProgressReport

void ProgressReport::on_step(Run& run) {
  if (!bar_ || !run.is_first_process()) return;
  if (run.clock - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = run.clock;
  // At most 1, even if a user's own loop does not call end_epoch().
  const double part = std::min(
      1.0, static_cast<double>(run.progress.rows) / static_cast<double>(run.rows_per_epoch()));
  const std::string text = printed("%3.0f %%  loss %.4f  %.0f s left ", 100 * part, run.mean_loss(),
                                   run.progress.seconds * (1 - part) / part);
  const std::size_t columns = columns_ ? columns_() : 80;
  out_ << '\r' << bar_beside(text, part, columns > 0 ? columns - 1 : 0) << "\033[K" << std::flush;
}

void ProgressReport::on_epoch(Run& run) {
  if (!run.is_first_process()) return;
  const EpochRecord& epoch = run.progress.history.back();
  if (bar_) out_ << "\r\033[K";
  out_ << "epoch " << run.progress.epoch;
  if (run.epochs > 0) out_ << "/" << run.epochs;
  out_ << printed("  train loss %.4f", epoch.train_loss);
  if (epoch.validation) {
    out_ << "  " << held_out_ << printed(" loss %.4f", epoch.validation->loss);
    if (!std::isnan(epoch.validation->accuracy)) {
      out_ << "  " << held_out_
           << printed(" accuracy %.2f ± %.2f %%", 100 * epoch.validation->accuracy,
                      100 * epoch.validation->accuracy_stderr);
    }
    if (!std::isnan(epoch.validation->r2)) {
      out_ << "  " << held_out_ << printed(" R² %.4f", epoch.validation->r2);
    }
  }
  out_ << printed("  %.2f s  %.0f samples/s\n", epoch.seconds,
                  static_cast<double>(run.rows_per_epoch()) / epoch.seconds)
       << std::flush;
}

void ProgressReport::on_end(Run& run) {
  if (!run.stopped || !run.is_first_process()) return;
  if (bar_) out_ << "\r\033[K";
  const bool within = run.progress.rows > 0;
  out_ << (within ? "stopped in epoch " : "stopped after epoch ") << run.progress.epoch + within
       << ", step " << run.progress.step;
  if (within) out_ << printed("; train loss of this epoch %.4f", run.mean_loss());
  out_ << std::endl;
}

// ---- Checkpoint

void Checkpoint::on_begin(Run& run) {
  if (run.is_first_process()) require_writable("Checkpoint", path_);
  saved_.reset();
}

void Checkpoint::on_step(Run& run) {
  if (every_.steps > 0 && run.progress.step % every_.steps == 0) save(run);
}

void Checkpoint::on_epoch(Run& run) {
  if (every_.epochs > 0 && run.progress.epoch % every_.epochs == 0) save(run);
}

void Checkpoint::on_end(Run& run) {
  if (saved_ != std::pair(run.progress.step, run.progress.epoch)) save(run);
}

void Checkpoint::save(Run& run) {
  // Between two epochs, a callback may have looked at a batch.
  const bool is_in_epoch = run.progress.rows > 0;
  run.progress.loader = is_in_epoch ? run.loader.state() : run.loader.next_loop();
  run.progress.average.reset();  // without the callback, averages of a resumed run end
  if (run.average) run.progress.average = run.average->average();
  if (run.sharded) {
    run.sharded->save_checkpoint(path_, run.progress);
  } else {
    save_checkpoint(path_, run.model, run.optimizer, run.progress);
  }
  run.progress.average.reset();
  saved_.emplace(run.progress.step, run.progress.epoch);
}

// ---- NaNGuard

namespace {

/// Returns the name of the first tensor that is not finite after a step. A gradient comes before
/// its parameter, because it is the cause.
std::string first_bad(const Run& run) {
  for (const auto& [name, p] : run.model.named_parameters()) {
    if (p.has_grad() && !all_finite(p.grad())) return "the gradient of " + name;
    if (!all_finite(p.value())) return name;
  }
  return "a parameter outside the model";
}

[[noreturn]] void stop_for(const std::string& tensor, std::uint64_t step, double lr) {
  throw Error("[NaNGuard] " + tensor + " is not finite in step " + std::to_string(step) +
              " (learning rate " + format_number(lr) + "); try a lower learning rate");
}

}  // namespace

void NaNGuard::on_loss(Run& run) {
  if (std::isfinite(run.loss)) return;
  stop_for("the loss", run.optimizer.step_count() + 1, run.optimizer.learning_rate());
}

void NaNGuard::on_step(Run& run) {
  const auto good = [](const Tensor& p) { return all_finite(p.value()); };
  const std::vector<Tensor>& trained = run.optimizer.parameters();
  if (std::all_of(trained.begin(), trained.end(), good)) return;
  stop_for(first_bad(run), run.optimizer.step_count(), run.optimizer.learning_rate());
}

// ---- CsvLog

void CsvLog::on_begin(Run& run) {
  if (run.is_first_process()) require_writable("CsvLog", path_);
}

void CsvLog::on_epoch(Run& run) {
  if (run.is_first_process()) write_file("CsvLog", path_, to_csv(run.progress.history));
}

}  // namespace xgrad::inline XGRAD_ABI::train
