// SPDX-License-Identifier: MIT
#include <xgrad/train/weights.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

std::vector<Array> copy_values(const std::vector<Tensor>& tensors) {
  std::vector<Array> values;
  for (const Tensor& tensor : tensors) values.push_back(tensor.value());
  return values;
}

bool have_same_shapes(const std::vector<Tensor>& tensors, const std::vector<Array>& values) {
  return std::equal(tensors.begin(), tensors.end(), values.begin(), values.end(),
                    [](const Tensor& t, const Array& v) { return t.shape() == v.shape(); });
}

/// Returns the parameters and the buffers of a model.
std::vector<Tensor> state_of(nn::Module& model) {
  std::vector<Tensor> tensors;
  for (const auto& [name, tensor] : model.named_state()) tensors.push_back(tensor);
  return tensors;
}

/// Assigns values for evaluation. Throws Error with this message if they do not fit the model.
void assign(nn::Module& model, optim::Optimizer& optimizer, const std::vector<Array>& values,
            const char* message) {
  std::vector<Tensor> tensors = state_of(model);
  if (!have_same_shapes(tensors, values)) throw Error(message);
  optimizer.eval();
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].assign(values[i]);
}

}  // namespace

// ---- BestWeights

void BestWeights::on_begin(Run& run) {
  if (run.progress.history.empty()) values_.clear();
}

void BestWeights::on_epoch(Run& run) {
  const double now = score(run.progress.history.back(), metric_);
  if (!values_.empty() && !(now > best_)) return;
  const EvaluationWeightsGuard guard(run);
  values_ = copy_values(state_of(run.model));
  best_ = std::max(-std::numeric_limits<double>::infinity(), now);  // NaN is worse than any number
}

void BestWeights::restore(nn::Module& model, optim::Optimizer& optimizer) const {
  assign(model, optimizer, values_,
         "[BestWeights] restore() needs the weights of an epoch of this model, but none were kept");
}

// ---- AveragedWeights

AveragedWeights::AveragedWeights(double decay) : average_{.decay = decay} {
  require_fraction("AveragedWeights", "decay", decay);
}

void AveragedWeights::on_begin(Run& run) {
  if (run.average && run.average != this) {
    throw OptionError("[AveragedWeights] a run must have at most one AveragedWeights, got two");
  }
  const optim::EvalParametersGuard guard(run.optimizer);
  std::vector<Tensor> tensors = state_of(run.model);
  if (std::optional<WeightAverage>& saved = run.progress.average) {
    if (saved->decay != average_.decay) {
      throw OptionError("[AveragedWeights] decay must be that of the resumed run, " +
                        format_number(saved->decay) + ", got " + format_number(average_.decay));
    }
    if (!have_same_shapes(tensors, saved->values)) {
      throw OptionError("[AveragedWeights] the averages of the resumed run are of another model");
    }
    average_ = std::move(*saved);
    saved.reset();
  } else {
    average_ = {average_.decay, 0, copy_values(tensors)};
  }
  tensors_ = std::move(tensors);
  run.average = this;
}

// The division by 1 - decay^t is part of the recursion: with a_t as the divided average,
// a_t = a_(t-1) + w (theta - a_(t-1)), where w = (1 - decay) / (1 - decay^t). So a parameter that
// does not change is equal to its average.
void AveragedWeights::update(optim::Optimizer& optimizer) {
  const optim::EvalParametersGuard guard(optimizer);
  const auto t = static_cast<double>(++average_.steps);
  const auto weight = static_cast<Scalar>((1 - average_.decay) / (1 - std::pow(average_.decay, t)));
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const Scalar* const theta = tensors_[i].value().data();
    Scalar* const a = average_.values[i].data();
    if (average_.steps == 1) {
      std::copy(theta, theta + tensors_[i].size(), a);
      continue;
    }
    parallel_for(tensors_[i].size(), tuning::kElementGrain,
                 [=](std::size_t begin, std::size_t end) {
                   for (std::size_t j = begin; j < end; ++j) a[j] += weight * (theta[j] - a[j]);
                 });
  }
}

void AveragedWeights::restore(nn::Module& model, optim::Optimizer& optimizer) const {
  assign(model, optimizer, average_.values,
         "[AveragedWeights] restore() needs averages of this model, but there are none");
}

void AveragedWeights::swap_with_model() noexcept {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    Array& average = average_.values[i];
    std::swap_ranges(average.data(), average.data() + average.size(),
                     mutable_value(tensors_[i]).data());
  }
}

}  // namespace xgrad::inline XGRAD_ABI::train
