// SPDX-License-Identifier: MIT
#pragma once

// The six rules, each one struct of options and one class. The formulas are the ones that the
// kernels in core/kernels/updates.cpp compute in one pass over memory.

#include <xgrad/optim/optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Of SGD.
struct SGDOptions {
  double lr = 1e-2;         ///< learning rate
  double weight_decay = 0;  ///< L2 penalty
};

/// Gradient descent: theta <- theta - lr g. Per-sample, mini-batch or full-batch descent, as the
/// loader's batch size decides. (Robbins and Monro 1951)
class SGD final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit SGD(std::vector<Tensor> parameters, SGDOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
};

/// Of Momentum.
struct MomentumOptions {
  double lr = 1e-2;         ///< learning rate
  double momentum = 0.9;    ///< in [0, 1)
  double weight_decay = 0;  ///< L2 penalty
};

/// Gradient descent with a velocity: v <- momentum v + lr g; theta <- theta - v. (Polyak 1964)
/// The learning rate sits inside the velocity: when it changes, old velocity keeps the old scale.
/// PyTorch keeps it outside: theta <- theta - lr v with v <- momentum v + g.
class Momentum final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit Momentum(std::vector<Tensor> parameters, MomentumOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
  MomentumOptions options_;
  State& velocity_ = add_state("velocity");
};

/// Of NAG.
struct NAGOptions {
  double lr = 1e-2;         ///< learning rate
  double momentum = 0.9;    ///< in [0, 1)
  double weight_decay = 0;  ///< L2 penalty
};

/// Nesterov's accelerated gradient: the gradient is taken where the velocity is about to carry the
/// parameters. v <- momentum v + lr grad J(theta - momentum v); theta <- theta - v.
/// (Nesterov 1983, Sutskever et al. 2013)
///
/// While training, the parameters *hold* the look-ahead point y = theta - momentum v, so that an
/// ordinary forward and backward gives the right gradient; in that variable one step is
/// y <- y - momentum^2 v - (1 + momentum) lr g; v <- momentum v + lr g.
/// Call eval() before evaluating or saving the model, and train() before going on.
class NAG final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit NAG(std::vector<Tensor> parameters, NAGOptions options = {});
  /// Puts theta = y + momentum v into the parameters.
  void eval() override;
  /// Puts y back, bit for bit.
  void train() override;

 private:
  void prepare_step(std::uint64_t) override;
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
  NAGOptions options_;
  State& velocity_ = add_state("velocity");
  State& look_ahead_ = add_kept("look_ahead");  ///< y while in evaluation mode
};

/// Of AdaGrad.
struct AdaGradOptions {
  double lr = 1e-2;         ///< learning rate
  double eps = 1e-10;       ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// A learning rate for each parameter that shrinks with all its past gradients:
/// r <- r + g^2; theta <- theta - lr g / (sqrt(r) + eps). (Duchi, Hazan and Singer 2011)
class AdaGrad final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit AdaGrad(std::vector<Tensor> parameters, AdaGradOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
  AdaGradOptions options_;
  State& sum_ = add_state("square_sum");
};

/// Of RMSProp.
struct RMSPropOptions {
  double lr = 1e-3;         ///< learning rate
  double rho = 0.9;         ///< decay rate of r
  double eps = 1e-8;        ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// AdaGrad that forgets: r <- rho r + (1 - rho) g^2; theta <- theta - lr g / (sqrt(r) + eps).
/// (Tieleman and Hinton 2012)
class RMSProp final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit RMSProp(std::vector<Tensor> parameters, RMSPropOptions options = {});

 private:
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
  RMSPropOptions options_;
  State& mean_square_ = add_state("square_mean");
};

/// Of Adam.
struct AdamOptions {
  double lr = 1e-3;         ///< learning rate
  double beta1 = 0.9;       ///< decay rate of m
  double beta2 = 0.999;     ///< decay rate of v
  double eps = 1e-8;        ///< above 0
  double weight_decay = 0;  ///< L2 penalty
};

/// Momentum over RMSProp, both corrected for starting at 0, with t = step_count():
/// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
/// theta <- theta - lr m_hat / (sqrt(v_hat) + eps), m_hat = m / (1 - beta1^t),
/// v_hat = v / (1 - beta2^t). (Kingma and Ba 2015)
class Adam final : public Optimizer {
 public:
  /// Throws OptionError for an option out of its range.
  explicit Adam(std::vector<Tensor> parameters, AdamOptions options = {});

 private:
  void prepare_step(std::uint64_t t) override;
  void update(std::size_t, std::size_t, std::size_t, Scalar*, Kernels::Scaled) override;
  AdamOptions options_;
  Kernels::AdamStep coefficients_{};  // set before each step
  State& mean_ = add_state("mean");
  State& mean_square_ = add_state("square_mean");
};

}  // namespace xgrad::inline XGRAD_ABI::optim
