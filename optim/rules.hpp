// SPDX-License-Identifier: MIT
#pragma once

// The six optimizers: for each, a struct of options and a class. core/internal/kernels/updates.cpp
// contains the kernels that compute the formulas in one pass over memory.

#include <xgrad/optim/optimizer.hpp>

namespace xgrad::inline XGRAD_ABI {
struct AdamStep;
}

namespace xgrad::inline XGRAD_ABI::optim {

/// Options of SGD.
struct SGDOptions {
  double lr = 1e-2;         ///< learning rate
  double weight_decay = 0;  ///< L2 penalty
};

/// Stochastic gradient descent: theta <- theta - lr g. The batch size of the loader makes it
/// per-sample, mini-batch or full-batch descent. (Robbins and Monro 1951)
class SGD final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit SGD(std::vector<Tensor> parameters, SGDOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
};

/// Options of Momentum.
struct MomentumOptions {
  double lr = 1e-2;         ///< learning rate
  double momentum = 0.9;    ///< in [0, 1)
  double weight_decay = 0;  ///< L2 penalty
};

/// Gradient descent with a velocity: v <- momentum v + lr g; theta <- theta - v. (Polyak 1964)
/// The velocity contains the learning rate, so a new learning rate does not rescale the old
/// velocity. PyTorch differs: v <- momentum v + g; theta <- theta - lr v.
class Momentum final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit Momentum(std::vector<Tensor> parameters, MomentumOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
  MomentumOptions options_;
  State& velocity_ = add_state("velocity");
};

/// Options of NAG.
struct NAGOptions {
  double lr = 1e-2;         ///< learning rate
  double momentum = 0.9;    ///< in [0, 1)
  double weight_decay = 0;  ///< L2 penalty
};

/// Nesterov's accelerated gradient. It takes the gradient of the loss J at the look-ahead point
/// y = theta - momentum v: v <- momentum v + lr grad J(y); theta <- theta - v.
/// (Nesterov 1983, Sutskever et al. 2013)
///
/// During training, the parameters contain y, so that an ordinary forward and backward pass
/// computes grad J(y). A step updates y: y <- y - momentum^2 v - (1 + momentum) lr g;
/// v <- momentum v + lr g. Call eval() before you evaluate or save the model, and train() before
/// the next step.
class NAG final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit NAG(std::vector<Tensor> parameters, NAGOptions options = {});
  /// Sets the parameters to theta = y + momentum v and keeps y.
  void eval() override;
  /// Sets the parameters back to y, bit for bit.
  void train() override;

 private:
  void prepare_step(std::uint64_t) override;
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
  NAGOptions options_;
  State& velocity_ = add_state("velocity");
  State& look_ahead_ = add_kept("look_ahead");  ///< y while in evaluation mode
};

/// Options of AdaGrad.
struct AdaGradOptions {
  double lr = 1e-2;         ///< learning rate
  double eps = 1e-10;       ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// Divides the learning rate of each element by the root of the sum of its squared gradients:
/// r <- r + g^2; theta <- theta - lr g / (sqrt(r) + eps). (Duchi, Hazan and Singer 2011)
class AdaGrad final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit AdaGrad(std::vector<Tensor> parameters, AdaGradOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
  AdaGradOptions options_;
  State& sum_ = add_state("square_sum");
};

/// Options of RMSProp.
struct RMSPropOptions {
  double lr = 1e-3;         ///< learning rate
  double rho = 0.9;         ///< decay rate of r, in [0, 1)
  double eps = 1e-8;        ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// Like AdaGrad, but with a moving average of the squared gradients instead of their sum:
/// r <- rho r + (1 - rho) g^2; theta <- theta - lr g / (sqrt(r) + eps). (Tieleman and Hinton 2012)
class RMSProp final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit RMSProp(std::vector<Tensor> parameters, RMSPropOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
  RMSPropOptions options_;
  State& mean_square_ = add_state("square_mean");
};

/// Options of Adam.
struct AdamOptions {
  double lr = 1e-3;         ///< learning rate
  double beta1 = 0.9;       ///< decay rate of m, in [0, 1)
  double beta2 = 0.999;     ///< decay rate of v, in [0, 1)
  double eps = 1e-8;        ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// Uses moving averages of the gradient and of its square, corrected for their start at 0:
/// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
/// theta <- theta - lr m_hat / (sqrt(v_hat) + eps) with m_hat = m / (1 - beta1^t),
/// v_hat = v / (1 - beta2^t), where t counts the steps from 1. (Kingma and Ba 2015)
class Adam final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit Adam(std::vector<Tensor> parameters, AdamOptions options = {});

 private:
  void prepare_step(std::uint64_t t) override;
  void update(std::size_t, std::size_t, std::size_t, Scalar*, ScaledSpan) override;
  AdamOptions options_;
  std::shared_ptr<AdamStep>
      coefficients_;  ///< coefficients of the current step; see prepare_step()
  State& mean_ = add_state("mean");
  State& mean_square_ = add_state("square_mean");
};

}  // namespace xgrad::inline XGRAD_ABI::optim
