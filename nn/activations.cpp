// SPDX-License-Identifier: MIT
#include <xgrad/nn/activations.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/numbers.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

Tensor ReLU::forward(const Tensor& x) { return relu(x); }

Tensor LeakyReLU::forward(const Tensor& x) { return leaky_relu(x, slope_); }

Tensor ELU::forward(const Tensor& x) { return elu(x, alpha_); }

Tensor GELU::forward(const Tensor& x) { return gelu(x); }

Tensor SiLU::forward(const Tensor& x) { return silu(x); }

Tensor Softplus::forward(const Tensor& x) { return softplus(x); }

Tensor Tanh::forward(const Tensor& x) { return tanh(x); }

Tensor Sigmoid::forward(const Tensor& x) { return sigmoid(x); }

Dropout::Dropout(double p, Rng& rng) : p_(p) {
  require_fraction("Dropout", "p", p);
  rng_ = &register_rng("rng", rng.next());
}

Tensor Dropout::forward(const Tensor& x) {
  if (!is_training() || p_ == 0) return x;
  Array mask = empty(x.shape());
  const auto kept = static_cast<Scalar>(1 / (1 - p_));
  for (Scalar& m : mask.storage()) m = rng_->uniform() < p_ ? Scalar{0} : kept;
  return x * Tensor(std::move(mask));
}

Tensor Flatten::forward(const Tensor& x) {
  if (x.ndim() == 0) throw ShapeError("[Flatten] the tensor must have at least one axis, got ()");
  const Shape row(x.shape().begin() + 1, x.shape().end());
  return reshape(x, {x.shape()[0], element_count(row)});
}

Tensor Softmax::forward(const Tensor& x) { return softmax(x, axis_); }

Tensor Identity::forward(const Tensor& x) { return x; }

// ---- Descriptions

std::string LeakyReLU::description() const { return "LeakyReLU(" + format_number(slope_) + ")"; }

std::string ELU::description() const { return "ELU(" + format_number(alpha_) + ")"; }

std::string Dropout::description() const { return "Dropout(" + format_number(p_) + ")"; }

std::string Softmax::description() const { return "Softmax(" + std::to_string(axis_) + ")"; }

}  // namespace xgrad::inline XGRAD_ABI::nn
