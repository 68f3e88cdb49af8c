// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/metric.hpp>
#include <xgrad/train/run.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Keeps a copy of the parameters and buffers of the epoch with the largest score() of the run.
/// With an AveragedWeights, it keeps the averages, because they are what the validation used. A
/// checkpoint does not contain the copy: after a new start of the program, a resumed run compares
/// only the epochs that follow.
class BestWeights : public Callback {
 public:
  /// Compares the epochs by `metric`.
  explicit BestWeights(Metric metric = Metric::validation_loss) : metric_(metric) {}
  /// Forgets the weights of an earlier run, unless this run resumes it.
  void on_begin(Run& run) override;
  void on_epoch(Run& run) override;
  /// Calls optimizer.eval() and assigns the kept values to the model, for evaluation. Throws
  /// Error if no epoch of this model has ended.
  void restore(nn::Module& model, optim::Optimizer& optimizer) const;

 private:
  Metric metric_;
  double best_ = 0;
  std::vector<Array> values_;
};

/// Keeps an exponential moving average of each parameter and of each buffer of the model, such as
/// the running statistics of BatchNorm. After step t, the average is
///
///     a <- decay a + (1 - decay) theta,  average = a / (1 - decay^t),  a = 0 at first.
///
/// It averages the evaluation values theta of NAG. It does what PyTorch's AveragedModel does with
/// `use_buffers`. fit() validates with the averages, and a
/// Checkpoint saves them: a resumed run continues them bit for bit. The position in the list of
/// callbacks does not matter. After fit(), restore() puts the averages into the model:
///
///     train::AveragedWeights average(0.99);
///     train::fit(model, optimizer, loader, {.epochs = 10, .callbacks = {&average}});
///     average.restore(model, optimizer);
///     train::save_parameters("model.safetensors", model);
///
/// The average over about the last 1 / (1 - decay) steps is less noisy than the parameters. Must
/// outlive the run.
class AveragedWeights : public Callback {
 public:
  /// Throws OptionError unless 0 <= decay < 1.
  explicit AveragedWeights(double decay);
  /// Starts new averages, or continues those of a resumed run. Throws OptionError, and changes
  /// nothing, if the averages of the resumed run have another decay or belong to another model, or
  /// if the run has another AveragedWeights.
  void on_begin(Run& run) override;
  /// Adds the current parameters and buffers to the averages. Run::end_step() calls it.
  void update(optim::Optimizer& optimizer);
  /// Calls optimizer.eval() and assigns the averages to the model, for evaluation. Throws Error if
  /// there are no averages of this model.
  void restore(nn::Module& model, optim::Optimizer& optimizer) const;
  /// Returns the averages in the order of named_state(); without a step, the tensors of the model.
  const WeightAverage& average() const& { return average_; }

 private:
  friend class EvaluationWeightsGuard;
  void swap_with_model() noexcept;
  WeightAverage average_;
  std::vector<Tensor> tensors_;  ///< the parameters of the model, then its buffers
};

/// Gives the parameters of a run the values with which it is evaluated while the guard lives: theta
/// (see NAG), or the averages, also of the buffers, if the run has an AveragedWeights. Then
/// restores the training values, bit for bit.
class EvaluationWeightsGuard {
 public:
  /// Calls run.optimizer.eval(), and exchanges the tensors of the model and the averages.
  explicit EvaluationWeightsGuard(Run& run) : guard_(run.optimizer), average_(run.average) {
    if (average_) average_->swap_with_model();
  }
  ~EvaluationWeightsGuard() {
    if (average_) average_->swap_with_model();
  }
  EvaluationWeightsGuard(const EvaluationWeightsGuard&) = delete;
  EvaluationWeightsGuard& operator=(const EvaluationWeightsGuard&) = delete;

 private:
  optim::EvalParametersGuard guard_;
  AveragedWeights* average_;
};

}  // namespace xgrad::inline XGRAD_ABI::train
