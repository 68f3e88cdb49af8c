// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

// Layers without parameters.

/// Computes max(x, 0).
class ReLU : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes x > 0 ? x : slope * x.
class LeakyReLU : public Module {
 public:
  /// Sets the slope for negative x.
  explicit LeakyReLU(double slope = 0.01) : slope_(slope) {}
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  double slope_;
};

/// Computes x > 0 ? x : alpha * (exp(x) - 1).
class ELU : public Module {
 public:
  /// Sets the factor for negative x.
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  double alpha_;
};

/// Computes x * Phi(x), where Phi is the distribution function of the standard normal distribution.
class GELU : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes x * sigmoid(x).
class SiLU : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes log(1 + exp(x)).
class Softplus : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes tanh(x).
class Tanh : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes 1 / (1 + exp(-x)).
class Sigmoid : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Sets each element to 0 with probability p in training mode, and scales the others by
/// 1 / (1 - p), which keeps the mean. Returns its input in evaluation mode. (Srivastava et al.
/// 2014)
class Dropout : public Module {
 public:
  /// Takes one number from `rng` to seed a generator of its own, which draws the elements. Throws
  /// OptionError unless 0 <= p < 1.
  Dropout(double p, Rng& rng);
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  double p_;
  Rng* rng_;  ///< owned by the module's list of generators
};

/// Reshapes (n, a, b, ...) to (n, a * b * ...). forward() throws ShapeError for a tensor without
/// axes.
class Flatten : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

/// Computes softmax(x) along one axis. For training, use the logits with cross_entropy() instead.
class Softmax : public Module {
 public:
  /// Sets the axis; a negative one counts from the last axis.
  explicit Softmax(std::ptrdiff_t axis = -1) : axis_(axis) {}
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  std::ptrdiff_t axis_;
};

/// Returns its input, for example in the place of a layer that a model does without.
class Identity : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
