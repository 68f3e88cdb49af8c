// SPDX-License-Identifier: MIT
#include <xgrad/train/run.hpp>

namespace xgrad::inline XGRAD_ABI::train {

void Run::end_step(double batch_loss, std::size_t rows) {
  loss = batch_loss;
  progress.loss_sum += batch_loss * static_cast<double>(rows);
  progress.rows += rows;
  progress.step = optimizer.step_count();
  const Clock::time_point now = Clock::now();
  progress.seconds += std::chrono::duration<double>(now - clock).count();
  clock = now;
}

void Run::end_epoch(std::optional<Evaluation> validation) {
  progress.history.push_back(
      {mean_loss(), optimizer.learning_rate(), progress.seconds, validation});
  ++progress.epoch;
  progress.rows = 0;
  progress.loss_sum = progress.seconds = 0;
  clock = Clock::now();
}

double Run::mean_loss() const { return progress.loss_sum / static_cast<double>(progress.rows); }

}  // namespace xgrad::inline XGRAD_ABI::train
