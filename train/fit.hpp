// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/schedules.hpp>
#include <xgrad/train/process_group.hpp>
#include <xgrad/train/run.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Options of fit().
struct FitOptions {
  std::size_t epochs = 1;                         ///< total number, including those of `resume`
  std::optional<datasets::Dataset> validation{};  ///< data set that is evaluated after each epoch
  double validation_fraction = 0;     ///< fraction of the loader's rows to use as `validation`
  std::uint64_t validation_seed = 0;  ///< seed with which stratified_split() chooses these rows
  Criterion criterion{};              ///< loss to minimise; if empty, default_criterion()
  /// The learning rate by the step_count() of the optimizer, which counts the steps of earlier runs
  /// too. If it is empty, the learning rate does not change.
  optim::Schedule schedule{};
  std::optional<double> clip_norm{};   ///< max_norm of clip_grad_norm(); nullopt means no clipping
  std::size_t accumulate = 1;          ///< number of batches whose gradients make one step
  std::vector<Callback*> callbacks{};  ///< callbacks, called in this order
  std::optional<Progress> resume{};    ///< progress that load_checkpoint() returned
  std::size_t shards = 0;              ///< number of parts of a batch; 0 means that it is not split
  ProcessGroup* world = nullptr;       ///< processes that share the shards; see ShardedStep
};

/// Trains a model. Each step computes criterion(model(x), y), calls backward() and
/// optimizer.step(), and does what the options request.
///
///     train::ProgressReport report(std::cout);
///     train::fit(model, optimizer, loader,
///                {.epochs = 10, .validation = test, .callbacks = {&report}});
///
/// Puts the model and the optimizer into training mode. During the validation, both are in
/// evaluation mode; see NAG and AveragedWeights. With `validation_fraction`, fit() trains on the
/// other rows with a loader of its own that has the same options; the data set of `loader` does not
/// change. Returns the epochs that have ended, beginning with those of `resume`.
///
/// With `accumulate` = k, a step uses the gradients of k batches, each weighted by its number of
/// rows. If the loss is a mean over rows, the step equals that of a batch that is k times larger,
/// to rounding, but needs the memory of one small batch only. The last step of an epoch uses the
/// remaining batches; with drop_last, it is left out if they are fewer than k. A layer that mixes
/// the rows of a batch, or draws random numbers, still sees the small batches. `on_loss` is called
/// for each batch, all other hooks for each step.
///
/// With `shards`, each batch is split into so many parts, which the processes of `world` share; see
/// ShardedStep. The processes also share the validation. All of them must use the same options and
/// the same kinds of callbacks in the same order; only the first process prints and writes files.
/// The results have the same bits for every number of processes, and a Checkpoint of one number can
/// be resumed with another one. `on_loss` is called after backward(), and in `on_gradient` a
/// process has the gradients of its part of the parameters only. If a callback of one process stops
/// the run, all of them stop after the same step. If one process fails, the others throw
/// OtherProcessError.
///
/// Throws OptionError if both `validation` and `validation_fraction` are given, if `accumulate` is
/// 0 or leaves no step, if `resume` belongs to another loader, or if `world` is given without
/// `shards`. Throws Error in the first step if the output of the model depends on a tensor that
/// requires a gradient but is a parameter of neither the model nor the optimizer, because nothing
/// would train it. Throws Error after the first epoch if a parameter of the optimizer has received
/// no gradient in it, unless the parameter is frozen: requires_grad() is false. Throws ShapeError
/// if the loss of a batch is not one number. Throws DataError if only one of the training data and
/// the validation data has targets, if the names of their classes, targets or features differ, or
/// if they were standardised with different numbers or only one of them was. Exceptions of
/// callbacks and std::bad_alloc pass through; the model and the optimizer are then in the state
/// after the last complete step, and a run that is resumed from a Checkpoint has the same results,
/// bit for bit.
History fit(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
            const FitOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::train
