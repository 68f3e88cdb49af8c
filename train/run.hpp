// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/checkpoint.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

/// The training loop, evaluation, and files of parameters and checkpoints.
namespace xgrad::inline XGRAD_ABI::train {

class AveragedWeights;
class ShardedStep;

/// The state of a training run, which callbacks read and change. fit() creates one. A loop of your
/// own can create one to use the callbacks:
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
  using Clock = std::chrono::steady_clock;  ///< a clock that changes of the system time do not move

  nn::Module& model;                       ///< model that is trained
  optim::Optimizer& optimizer;             ///< optimizer of its parameters
  datasets::DataLoader& loader;            ///< loader of the training data
  std::size_t epochs = 0;                  ///< total number of epochs; 0 if it is not known
  Progress progress{};                     ///< progress so far
  double loss = 0;                         ///< mean loss of the current batch, or of the last step
  bool stopped = false;                    ///< whether the run must end; callbacks set it
  Clock::time_point clock = Clock::now();  ///< time from which the next step is measured
  std::size_t accumulate = 1;              ///< number of batches in a step
  bool has_schedule = false;               ///< whether a schedule sets the learning rate
  AveragedWeights* average = nullptr;      ///< averages that end_step() updates, if there are any
  ShardedStep* sharded = nullptr;  ///< takes the steps, if the batches are split into shards

  /// Returns the number of rows that the steps of an epoch use. With drop_last, rows of a step that
  /// is not full do not count.
  std::size_t rows_per_epoch() const;
  /// Counts a step with the mean loss `batch_loss` over `rows` rows.
  void end_step(double batch_loss, std::size_t rows);
  /// Appends the current epoch to the history and starts the next one.
  void end_epoch(std::optional<Evaluation> validation = std::nullopt);
  /// Returns whether this process prints and writes files. Of several processes, only the first one
  /// does.
  bool is_first_process() const;
  /// Returns the mean loss of the current epoch so far.
  double mean_loss() const;
};

/// Hooks that fit() calls during training. Set run.stopped to end the run.
class Callback {
 public:
  virtual ~Callback() = default;
  /// Called once, before the first step of a new or a resumed run.
  virtual void on_begin(Run&) {}
  /// Called after the forward pass of each batch, before backward(). If it stops the run, the step
  /// is not taken.
  virtual void on_loss(Run&) {}
  /// Called once per step, after backward() and clipping, before the step. If it stops the run, the
  /// step is not taken.
  virtual void on_gradient(Run&) {}
  /// Called after each step, which is counted already.
  virtual void on_step(Run&) {}
  /// Called after each epoch, which is in the history already.
  virtual void on_epoch(Run&) {}
  /// Called once, when the run has ended or was stopped.
  virtual void on_end(Run&) {}
};

}  // namespace xgrad::inline XGRAD_ABI::train
