// SPDX-License-Identifier: MIT
#include <xgrad/train/fit.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/optim/clip.hpp>
#include <xgrad/train/internal/batch_loss.hpp>
#include <xgrad/train/internal/gradient_check.hpp>
#include <xgrad/train/internal/same_encoding.hpp>
#include <xgrad/train/sharded_step.hpp>
#include <xgrad/train/weights.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

void tell(const std::vector<Callback*>& callbacks, void (Callback::*hook)(Run&), Run& run) {
  for (Callback* const callback : callbacks) (callback->*hook)(run);
}

/// The batches whose gradients are added for one step.
struct Group {
  std::size_t rows = 0;     ///< number of rows of all its batches
  std::size_t seen = 0;     ///< number of rows of its batches so far
  std::size_t batches = 0;  ///< number of its batches so far
  double loss = 0;  ///< mean loss, as far as it is known: a batch has the weight rows / rows
};

std::size_t batch_size(const datasets::DataLoader& loader) {
  return std::min(loader.options().batch_size, loader.rows());
}

/// Returns the number of rows that the remaining steps of the epoch use.
std::size_t remaining_rows(const Run& run) {
  const std::size_t rows = run.rows_per_epoch();
  return rows - std::min(rows, run.loader.next_loop().batch * batch_size(run.loader));
}

/// Prepares a step, and takes its rows from those that remain.
Group begin_step(Run& run, const FitOptions& options, std::size_t& remaining) {
  if (options.schedule) {
    run.optimizer.set_learning_rate(options.schedule(run.optimizer.step_count()));
  }
  run.optimizer.zero_grad();
  const std::size_t size = batch_size(run.loader);
  const bool is_last = run.accumulate > remaining / size;
  const Group group{.rows = is_last ? remaining : run.accumulate * size};
  remaining -= group.rows;
  return group;
}

/// Adds the gradients of a batch, unless a callback stops the run.
void add_gradients(Run& run, const FitOptions& options, const Criterion& criterion,
                   const datasets::Batch& batch, Group& group) {
  const std::size_t rows = batch.x.shape()[0];
  const double weight = static_cast<double>(rows) / static_cast<double>(group.rows);
  const Tensor loss = criterion(run.model(batch.x), batch.y);
  run.loss = number_of(loss);
  group.seen += rows;
  ++group.batches;
  group.loss += weight * run.loss;
  tell(options.callbacks, &Callback::on_loss, run);
  if (run.stopped) return;  // the loss may be NaN, for which backward() throws
  (rows == group.rows ? loss : loss * weight).backward();
}

/// Adds a batch to a step that is split into shards.
void add_batch(Run& run, const datasets::Batch& batch, Group& group) {
  run.sharded->add(batch);
  group.seen += run.loader.batch_rows();
  ++group.batches;
}

/// Takes a step that is split into shards, unless a callback of any process stops the run.
void take_sharded_step(Run& run, const FitOptions& options, const Criterion& criterion,
                       Group& group) {
  if (!run.sharded->compute(criterion)) {
    run.stopped = true;
    return;
  }
  std::size_t rest = group.rows;
  for (const double loss : run.sharded->losses()) {
    const std::size_t rows = std::min(batch_size(run.loader), rest);
    rest -= rows;
    run.loss = loss;
    group.loss += static_cast<double>(rows) / static_cast<double>(group.rows) * loss;
    tell(options.callbacks, &Callback::on_loss, run);
    if (run.stopped) break;
    if (std::isnan(loss)) throw Error("[fit] the loss must be a number, but it is NaN");
  }
  if (!run.stopped) {
    run.sharded->clip();
    tell(options.callbacks, &Callback::on_gradient, run);
  }
  run.stopped = !run.sharded->take(run.stopped);
  if (!run.stopped) run.end_step(group.loss, group.rows);
}

/// Stops the run if a callback of another process has stopped it.
void agree_on_stop(Run& run) {
  if (run.sharded) run.stopped = run.sharded->agree(run.stopped);
}

/// Clips the gradients and updates the parameters, unless a callback stops the run.
void take_step(Run& run, const FitOptions& options, const Group& group) {
  if (options.clip_norm) optim::clip_grad_norm(run.optimizer.parameters(), *options.clip_norm);
  tell(options.callbacks, &Callback::on_gradient, run);
  if (run.stopped) return;
  run.optimizer.step();
  run.end_step(group.loss, group.rows);
}

/// Moves the loader back to the first batch of a step that was not taken. A resumed run repeats it.
void rewind(datasets::DataLoader& loader, std::size_t batches) {
  datasets::DataLoaderState state = loader.state();
  state.batch -= batches;
  loader.set_state(state);
}

/// Trains on the remaining batches of the epoch, or until a callback stops the run.
void train_epoch(Run& run, const FitOptions& options, const Criterion& criterion) {
  GradientCheck check(run);
  std::size_t remaining = remaining_rows(run);
  Group group;
  run.clock = Run::Clock::now();
  for (const datasets::Batch& batch : run.loader) {
    if (group.seen == group.rows) {
      if (remaining == 0) break;  // drop_last leaves out the last batches
      group = begin_step(run, options, remaining);
    }
    if (run.sharded) {
      add_batch(run, batch, group);
    } else {
      add_gradients(run, options, criterion, batch, group);
    }
    if (!run.stopped && group.seen < group.rows) continue;
    if (run.sharded) {
      take_sharded_step(run, options, criterion, group);
    } else if (!run.stopped) {
      take_step(run, options, group);
    }
    if (run.stopped) return rewind(run.loader, group.batches);
    check.look();
    tell(options.callbacks, &Callback::on_step, run);
    // The other processes hear of a stop in their next step, which they then do not take.
    if (run.stopped || remaining == 0) agree_on_stop(run);
    if (run.stopped) return;
  }
  run.loader.set_epoch(run.loader.epoch());  // the next epoch, even if batches were left out
  check.require_all(run);
}

std::optional<Evaluation> validate(Run& run, const FitOptions& options) {
  if (!options.validation) return std::nullopt;
  const EvaluationWeightsGuard guard(run);
  return evaluate(run.model, *options.validation, options.criterion,
                  run.loader.options().transform.without_random_steps(),
                  run.sharded ? &run.sharded->group() : nullptr);
}

/// Trains until all epochs have ended or a callback stops the run.
void train_all(Run& run, const FitOptions& options, const Criterion& criterion) {
  tell(options.callbacks, &Callback::on_begin, run);
  agree_on_stop(run);
  while (!run.stopped && run.progress.epoch < options.epochs) {
    train_epoch(run, options, criterion);
    // A stop after the last batch also leaves the epoch unfinished. A resumed run finishes it.
    if (run.stopped) break;
    run.end_epoch(validate(run, options));
    tell(options.callbacks, &Callback::on_epoch, run);
    agree_on_stop(run);
  }
  tell(options.callbacks, &Callback::on_end, run);
  if (run.sharded) run.sharded->finish();
}

History fit_rest(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
                 FitOptions options) {
  if (options.validation) {
    throw OptionError(
        "[fit] validation and validation_fraction must not be given together; give one");
  }
  auto [rest, held_out] = datasets::stratified_split(
      loader.dataset(), std::exchange(options.validation_fraction, 0), options.validation_seed);
  datasets::DataLoader rest_loader(rest, loader.options());
  rest_loader.set_epoch(loader.epoch());
  options.validation = std::move(held_out);
  History history = fit(model, optimizer, rest_loader, options);
  loader.set_epoch(rest_loader.epoch());
  return history;
}

}  // namespace

History fit(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
            const FitOptions& options) {
  if (options.validation_fraction != 0) return fit_rest(model, optimizer, loader, options);
  if (options.validation) require_same_encoding(loader.dataset(), *options.validation);
  require_positive("fit", "accumulate", static_cast<double>(options.accumulate));
  if (options.world != nullptr && options.shards == 0) {
    throw OptionError("[fit] world needs shards, a multiple of the number of processes");
  }
  Run run{model, optimizer, loader, options.epochs};
  run.accumulate = options.accumulate;
  run.has_schedule = bool(options.schedule);
  if (run.rows_per_epoch() == 0) {
    throw OptionError("[fit] drop_last leaves no step: a step needs " +
                      std::to_string(options.accumulate) + " batches, the loader has " +
                      std::to_string(loader.batches()));
  }
  if (options.resume) {
    run.progress = *options.resume;
    loader.set_state(run.progress.loader);
  }
  const Criterion criterion =
      with_output_check(options.criterion ? options.criterion : default_criterion(loader.dataset()),
                        model, optimizer);
  model.train();
  optimizer.train();
  std::optional<ShardedStep> sharded;
  if (options.shards > 0) {
    sharded.emplace(
        model, optimizer, loader,
        ShardOptions{options.shards, options.world, options.clip_norm, options.accumulate});
    run.sharded = &*sharded;
  }
  try {
    train_all(run, options, criterion);
  } catch (const std::exception& e) {
    if (sharded) sharded->leave(e.what());
    throw;
  }
  return std::move(run.progress.history);
}

}  // namespace xgrad::inline XGRAD_ABI::train
