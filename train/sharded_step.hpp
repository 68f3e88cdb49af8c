// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/checkpoint.hpp>
#include <xgrad/train/process_group.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Options of ShardedStep.
struct ShardOptions {
  std::size_t shards = 1;         ///< number of parts of a batch; a multiple of the processes
  ProcessGroup* world = nullptr;  ///< the processes; if null, this process alone
  /// The max_norm of clip_grad_norm(); nullopt means no clipping. A norm above 1e154, whose square
  /// does not fit in a double, is not clipped.
  std::optional<double> clip_norm{};
  std::size_t accumulate = 1;  ///< number of batches in a step
};

/// Takes the steps of a training run on one or several processes. fit() uses it if its option
/// `shards` is given. In a loop of your own, it replaces the calls of zero_grad(), backward(),
/// clip_grad_norm() and step():
///
///     train::ShardedStep step(model, optimizer, loader, {.shards = 8, .world = &world});
///     for (auto& batch : loader) step(batch, criterion);
///     step.finish();
///
/// A step splits each batch into `shards` parts, the shards, whose rows follow each other and whose
/// sizes differ by at most one row. Each shard has its own forward and backward pass, with its part
/// of the rows as the weight of its loss. The gradients of the shards are added in a fixed binary
/// tree. Each process computes the shards with the same share of the numbers, reads only their
/// rows, and updates only its share of the parameters, with its share of the state of the
/// optimizer. The results depend on `shards`, but not on the number of processes: they have the
/// same bits. The processes must run the same program on machines of the same kind, each with the
/// same number of threads.
///
/// A layer sees the rows of one shard. So BatchNorm normalises with the statistics of a shard, and
/// the loss must be a mean over rows, or the result is not that of the whole batch. Each shard
/// starts from the running statistics (and other buffers) of the step's begin; afterwards a buffer
/// is its old value plus the mean change of the shards, weighted by their rows. A generator that
/// the model draws from gives one number per step; this number and the number of a shard seed the
/// generator of the shard.
class ShardedStep {
 public:
  /// Compares the processes. Throws OptionError on all of them, with the first difference, unless
  /// the number of processes divides `shards`, and all have the same version of xgrad, type of
  /// numbers, instruction set, BLAS, number of threads, options, data, model, parameters and
  /// optimizer. The loader then reads only the rows of this process.
  ShardedStep(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
              const ShardOptions& options);
  ~ShardedStep();
  ShardedStep(const ShardedStep&) = delete;
  ShardedStep& operator=(const ShardedStep&) = delete;

  /// Takes a step with the current batch of the loader. Returns the mean loss over all rows of the
  /// batch. Throws Error if it is NaN. With no criterion, it is default_criterion().
  double operator()(const datasets::Batch& batch, const Criterion& criterion = {});
  /// Saves a checkpoint on rank 0; see train::save_checkpoint(). All processes must call it. The
  /// file does not depend on the number of processes.
  void save_checkpoint(const std::filesystem::path& path, const Progress& progress);
  /// Gives the whole state to the optimizer of each process, and makes the loader read all rows.
  /// All processes must call it after the last step. Until then, the optimizer of a process has a
  /// part of its state only, and its eval() must be called by all processes.
  void finish();

  /// Returns whether this process is the one that prints and writes files: rank 0.
  bool is_first() const;
  /// Returns the group with which functions such as evaluate() share their work.
  ProcessGroup& group();

  // ---- The parts of a step, for fit()

  /// Adds the current batch of the loader to the next step.
  void add(const datasets::Batch& batch);
  /// Computes the gradients of the added batches. Returns false, and forgets the batches, if a
  /// process has called agree(true) instead.
  bool compute(const Criterion& criterion);
  /// Returns the mean loss of each batch of the step.
  const std::vector<double>& losses() const&;
  /// Clips the gradients, as the options request.
  void clip();
  /// Updates the parameters and the buffers. Returns false, and updates nothing, if a process has
  /// passed `stop`.
  bool take(bool stop);
  /// Returns whether a process has passed `stop`. All processes must call it.
  bool agree(bool stop);
  /// Tells the other processes that this one has failed, and why. They throw OtherProcessError.
  void leave(std::string_view why) noexcept;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

}  // namespace xgrad::inline XGRAD_ABI::train
