// SPDX-License-Identifier: MIT
#include <xgrad/optim/rules.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/numbers.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::inline XGRAD_ABI::optim {

// ---- SGD

SGD::SGD(std::vector<Tensor> parameters, SGDOptions options)
    : Optimizer("sgd", std::move(parameters), options.lr, options.weight_decay) {}

void SGD::update(std::size_t, std::size_t, std::size_t n, Scalar* theta, ScaledSpan g) {
  kernels().sgd(theta, g, n, lr(), weight_decay());
}

// ---- Momentum

Momentum::Momentum(std::vector<Tensor> parameters, MomentumOptions options)
    : Optimizer("momentum", std::move(parameters), options.lr, options.weight_decay),
      options_(options) {
  add_option("momentum", options.momentum, Range::fraction);
}

void Momentum::update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta,
                      ScaledSpan g) {
  kernels().momentum(theta, velocity_[i]->data() + begin, g, n, lr(),
                     static_cast<Scalar>(options_.momentum), weight_decay());
}

// ---- NAG

NAG::NAG(std::vector<Tensor> parameters, NAGOptions options)
    : Optimizer("nag", std::move(parameters), options.lr, options.weight_decay), options_(options) {
  add_option("momentum", options.momentum, Range::fraction);
}

void NAG::prepare_step(std::uint64_t) {
  if (evaluating_) {
    throw Error(
        "[nag] step() needs training mode: in evaluation mode the parameters contain theta, not "
        "the look-ahead point; call train() first");
  }
}

void NAG::update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta, ScaledSpan g) {
  kernels().nag(theta, velocity_[i]->data() + begin, g, n, lr(),
                static_cast<Scalar>(options_.momentum), weight_decay());
}

void NAG::eval() {
  if (evaluating_) return;
  const auto gamma = static_cast<Scalar>(options_.momentum);
  State kept(velocity_.size());
  State theta(velocity_.size());
  for (std::size_t i = 0; i < velocity_.size(); ++i) {
    if (!velocity_[i]) continue;
    kept[i] = parameters()[i].value();
    theta[i] =
        elementwise(kernels().add, *kept[i], elementwise(kernels().mul, *velocity_[i], gamma));
  }
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (theta[i])
      std::copy_n(theta[i]->data(), theta[i]->size(), mutable_value(parameters()[i]).data());
  }
  look_ahead_ = std::move(kept);
  evaluating_ = true;
}

void NAG::train() {
  if (!evaluating_) return;
  for (std::size_t i = 0; i < look_ahead_.size(); ++i) {
    if (!look_ahead_[i]) continue;
    std::copy_n(look_ahead_[i]->data(), look_ahead_[i]->size(),
                mutable_value(parameters()[i]).data());
    look_ahead_[i].reset();
  }
  evaluating_ = false;
}

// ---- AdaGrad

AdaGrad::AdaGrad(std::vector<Tensor> parameters, AdaGradOptions options)
    : Optimizer("adagrad", std::move(parameters), options.lr, options.weight_decay),
      options_(options) {
  add_option("eps", options.eps, Range::positive);
}

void AdaGrad::update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta, ScaledSpan g) {
  kernels().adagrad(theta, sum_[i]->data() + begin, g, n, lr(), static_cast<Scalar>(options_.eps),
                    weight_decay());
}

// ---- RMSProp

RMSProp::RMSProp(std::vector<Tensor> parameters, RMSPropOptions options)
    : Optimizer("rmsprop", std::move(parameters), options.lr, options.weight_decay),
      options_(options) {
  add_option("rho", options.rho, Range::fraction);
  add_option("eps", options.eps, Range::positive);
}

void RMSProp::update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta, ScaledSpan g) {
  kernels().rmsprop(theta, mean_square_[i]->data() + begin, g, n, lr(), options_.rho,
                    static_cast<Scalar>(options_.eps), weight_decay());
}

// ---- Adam

Adam::Adam(std::vector<Tensor> parameters, AdamOptions options)
    : Optimizer("adam", std::move(parameters), options.lr, options.weight_decay),
      options_(options),
      coefficients_(std::make_shared<AdamStep>()) {
  add_option("beta1", options.beta1, Range::fraction);
  add_option("beta2", options.beta2, Range::fraction);
  add_option("eps", options.eps, Range::positive);
}

void Adam::prepare_step(std::uint64_t t) {
  const auto steps = static_cast<double>(t);
  *coefficients_ = {.lr = learning_rate(),
                    .beta1 = options_.beta1,
                    .beta2 = options_.beta2,
                    .eps = options_.eps,
                    .decay = options_.weight_decay,
                    .correction1 = 1 / (1 - std::pow(options_.beta1, steps)),
                    .correction2 = 1 / (1 - std::pow(options_.beta2, steps))};
  require_non_negative("adam", "lr / (1 - beta1^t)",
                       coefficients_->lr * coefficients_->correction1);
}

void Adam::update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta, ScaledSpan g) {
  kernels().adam(theta, mean_[i]->data() + begin, mean_square_[i]->data() + begin, g, n,
                 *coefficients_);
}

}  // namespace xgrad::inline XGRAD_ABI::optim
