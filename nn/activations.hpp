// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

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

 private:
  double slope_;
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

/// In training mode sets each element to 0 with probability p and scales the others by 1 / (1 - p),
/// so that the mean stays; in evaluation mode does nothing. The Rng must outlive the layer. Throws
/// OptionError unless 0 <= p < 1. (Srivastava et al. 2014)
class Dropout : public Module {
 public:
  /// Draws from `rng` at each forward() in training mode.
  Dropout(double p, Rng& rng);
  Tensor forward(const Tensor& x) override;

 private:
  double p_;
  Rng* rng_;
};

/// Reshapes (n, a, b, ...) to (n, a * b * ...). forward() throws ShapeError for a tensor without
/// axes.
class Flatten : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
