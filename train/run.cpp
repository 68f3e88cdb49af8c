// SPDX-License-Identifier: MIT
#include <xgrad/train/run.hpp>

#include <xgrad/train/sharded_step.hpp>
#include <xgrad/train/weights.hpp>

namespace xgrad::inline XGRAD_ABI::train {

std::size_t Run::rows_per_epoch() const {
  const std::size_t rows = loader.rows(), batch_size = loader.options().batch_size;
  if (!loader.options().drop_last || batch_size == datasets::full_batch) return rows;
  const std::size_t steps = rows / batch_size / accumulate;  // the loader has full batches only
  return steps * accumulate * batch_size;
}

void Run::end_step(double batch_loss, std::size_t rows) {
  loss = batch_loss;
  progress.loss_sum += batch_loss * static_cast<double>(rows);
  progress.rows += rows;
  progress.step = optimizer.step_count();
  if (average) average->update(optimizer);
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

bool Run::is_first_process() const { return sharded == nullptr || sharded->is_first(); }

double Run::mean_loss() const { return progress.loss_sum / static_cast<double>(progress.rows); }

}  // namespace xgrad::inline XGRAD_ABI::train
