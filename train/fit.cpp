// SPDX-License-Identifier: MIT
#include <xgrad/train/fit.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/datasets/standardizer.hpp>
#include <xgrad/optim/clip.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

void tell(const std::vector<Callback*>& callbacks, void (Callback::*hook)(Run&), Run& run) {
  for (Callback* const callback : callbacks) (callback->*hook)(run);
}

/// Trains on the remaining batches of the epoch, or until a callback stops the run.
void train_epoch(Run& run, const FitOptions& options, const Loss& compute_loss) {
  optim::Optimizer& optimizer = run.optimizer;
  run.clock = Run::Clock::now();
  for (const datasets::Batch& batch : run.loader) {
    if (options.schedule) optimizer.set_learning_rate(options.schedule(optimizer.step_count()));
    optimizer.zero_grad();
    const Tensor loss = compute_loss(run.model, batch);
    run.loss = static_cast<double>(loss.item());
    tell(options.callbacks, &Callback::on_loss, run);
    if (run.stopped) return;  // no step: the loss may be NaN, for which backward() throws
    loss.backward();
    if (options.clip_norm) optim::clip_grad_norm(optimizer.parameters(), *options.clip_norm);
    optimizer.step();
    run.end_step(run.loss, batch.y.size());
    tell(options.callbacks, &Callback::on_step, run);
    if (run.stopped) return;
  }
}

std::optional<Evaluation> validate(Run& run, const FitOptions& options) {
  if (!options.validation) return std::nullopt;
  const optim::EvalParametersGuard guard(run.optimizer);
  return options.loss ? evaluate(run.model, *options.validation, options.loss)
                      : evaluate(run.model, *options.validation);
}

/// Throws unless both data sets have the same classes and scaling. Two tables that were read
/// separately may number their classes or scale their columns differently. The validation loss
/// would then be wrong without an error.
void require_same_encoding(const datasets::Dataset& training, const datasets::Dataset& validation) {
  const std::string remedy = "; csv reads a table like the training data with the option like";
  const std::vector<std::string>& expected = training.class_names();
  const std::vector<std::string>& found = validation.class_names();
  if (expected.size() != found.size()) {
    throw DataError("[fit] the validation data must have the classes of the training data, got " +
                    std::to_string(found.size()) + " and " + std::to_string(expected.size()) +
                    " classes" + remedy);
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == found[i]) continue;
    throw DataError("[fit] the validation data must have the classes of the training data, got \"" +
                    found[i] + "\" and \"" + expected[i] + "\" for class " + std::to_string(i) +
                    remedy);
  }
  const bool are_scaled = !training.scaling().empty() && !validation.scaling().empty();
  if (are_scaled && training.scaling() != validation.scaling()) {
    throw DataError(
        "[fit] the validation data must be standardised with the mean and stddev of the training "
        "data, but it was standardised with other numbers" +
        remedy);
  }
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
  Run run{model, optimizer, loader, options.epochs};
  if (options.resume) {
    run.progress = *options.resume;
    loader.set_state(run.progress.loader);
  }
  const Loss loss = options.loss ? options.loss : cross_entropy_loss();
  model.train();
  optimizer.train();
  tell(options.callbacks, &Callback::on_begin, run);
  while (!run.stopped && run.progress.epoch < options.epochs) {
    train_epoch(run, options, loss);
    // A stop after the last batch also leaves the epoch unfinished. A resumed run finishes it.
    if (run.stopped) break;
    run.end_epoch(validate(run, options));
    tell(options.callbacks, &Callback::on_epoch, run);
  }
  tell(options.callbacks, &Callback::on_end, run);
  return std::move(run.progress.history);
}

}  // namespace xgrad::inline XGRAD_ABI::train
