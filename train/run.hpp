// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/checkpoint.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

/// The training loop with what one adds to it, evaluation, and files.
namespace xgrad::inline XGRAD_ABI::train {

/// A training run as callbacks see it. `fit` keeps one; so can a loop of your own:
///
///     train::Run run{model, optimizer, loader};
///     for (const auto& [x, y] : loader) {
///       ...
///       optimizer.step();
///       run.end_step(loss.item(), y.size());
///       stop.on_step(run);
///       if (run.stopped) break;
///     }
///     run.end_epoch(validation);
///     log.on_epoch(run);
struct Run {
  using Clock = std::chrono::steady_clock;  ///< steady: no change of the wall clock reaches it

  nn::Module& model;             ///< that is trained
  optim::Optimizer& optimizer;   ///< of its parameters
  datasets::DataLoader& loader;  ///< of the training data
  std::size_t epochs = 0;        ///< that the run is to have in the end; 0 where that is open
  Progress progress{};           ///< so far
  double loss = 0;               ///< of the batch at hand
  bool stopped = false;          ///< whether the run is to end
  Clock::time_point clock = Clock::now();  ///< when the last step, epoch or callback ended

  /// Counts a step: its loss, the mean over so many rows.
  void end_step(double batch_loss, std::size_t rows);
  /// Puts the epoch into the history.
  void end_epoch(std::optional<Evaluation> validation = std::nullopt);
  /// Mean loss of the epoch under way.
  double mean_loss() const;
};

/// What is called at the turns of a run; sets run.stopped to end it.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_begin(Run&) {}  ///< the run begins, or goes on where it was
  virtual void on_loss(Run&) {}  ///< the loss is known, no gradient yet; a stop leaves the step out
  virtual void on_step(Run&) {}  ///< the step is made and counted
  virtual void on_epoch(Run&) {}  ///< the epoch is in the history
  virtual void on_end(Run&) {}    ///< nothing comes after this
};

}  // namespace xgrad::inline XGRAD_ABI::train
