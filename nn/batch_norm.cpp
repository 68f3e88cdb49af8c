// SPDX-License-Identifier: MIT
#include <xgrad/nn/batch_norm.hpp>

#include <xgrad/core/internal/numbers.hpp>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

// Returns (1 - momentum) running + momentum factor batch.
Array moved(const Parameter& running, const Array& batch, double momentum, double factor) {
  Array values = running.value();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto old = static_cast<double>(values.data()[i]);
    const double current = factor * static_cast<double>(batch.data()[i]);
    values.data()[i] = static_cast<Scalar>((1 - momentum) * old + momentum * current);
  }
  return values;
}

}  // namespace

BatchNorm::BatchNorm(const char* layer, std::size_t least, std::size_t most, std::size_t features,
                     const BatchNormOptions& options)
    : weight(register_parameter("weight", ones({features}))),
      bias(register_parameter("bias", zeros({features}))),
      running_mean(register_buffer("running_mean", zeros({features}))),
      running_var(register_buffer("running_var", ones({features}))),
      layer_(layer),
      least_(least),
      most_(most),
      options_(options) {
  require_positive(layer, "features", static_cast<double>(features));
  require_non_negative(layer, "eps", options.eps);
  require_positive(layer, "momentum", options.momentum);
  if (options.momentum <= 1) return;
  throw OptionError("[" + std::string(layer) + "] momentum must be at most 1, got " +
                    format_number(options.momentum));
}

Tensor BatchNorm::forward(const Tensor& x) {
  if (x.ndim() < least_ || x.ndim() > most_) {
    const std::string counts = least_ == most_ ? "4 axes" : "2 or 3 axes";
    throw ShapeError("[" + std::string(layer_) + "] the input must have " + counts + ", got " +
                     to_string(x.shape()));
  }
  if (!is_training()) {
    return batch_norm(x, weight, bias, running_mean, running_var, options_.eps);
  }
  BatchStatistics batch;
  Tensor y = batch_norm(x, weight, bias, options_.eps, &batch);
  update(batch);
  return y;
}

std::string BatchNorm::description() const {
  return layer_ + ("(" + std::to_string(weight.size()) + ")");
}

void BatchNorm::update(const BatchStatistics& batch) {
  const auto count = static_cast<double>(batch.count);
  const Array mean = moved(running_mean, batch.mean, options_.momentum, 1);
  const Array variance = moved(running_var, batch.variance, options_.momentum, count / (count - 1));
  // From here on nothing throws.
  running_mean.assign(mean);
  running_var.assign(variance);
}

}  // namespace xgrad::inline XGRAD_ABI::nn
