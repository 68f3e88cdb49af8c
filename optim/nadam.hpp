// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Adam with Nesterov's momentum, and a momentum μ that grows to beta1, as in PyTorch.
struct NAdamRule {
  /// Describes the rule.
  static constexpr RuleInfo info{.name = "nadam",
                                 .title = "NAdam",
                                 .source = "Dozat 2016",
                                 .summary =
                                     "Adam with the look-ahead of NAG: the step uses the momentum "
                                     "that the next step will have. The momentum starts at half of "
                                     "β₁ and grows to it.",
                                 .colour = "#882255",
                                 .lowest_lr = 1e-4,
                                 .highest_lr = 0.1,
                                 .in_library = true};

  /// Options of NAdam, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 2e-3;              ///< learning rate
    N beta1 = 0.9;            ///< decay rate of m, in [0, 1)
    N beta2 = 0.999;          ///< decay rate of v, in [0, 1)
    N eps = 1e-8;             ///< above 0
    N weight_decay = 0;       ///< L2 penalty
    N momentum_decay = 4e-3;  ///< speed at which the momentum grows to beta1

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("beta1", "β₁", Range::fraction, o.beta1);
      f("beta2", "β₂", Range::fraction, o.beta2);
      f("eps", "ε", Range::positive, o.eps);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
      f("momentum_decay", "ψ", Range::non_negative, o.momentum_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"mean", "m"}, StateInfo{"square_mean", "v"}};

  /// Momenta and bias corrections, which are the same for all elements.
  template <class N>
  struct Step {
    N now = 0;              ///< momentum of this step
    N next = 0;             ///< momentum of the next step
    N correction = 1;       ///< 1 - the product of the momenta so far
    N next_correction = 1;  ///< 1 - that product with the next momentum
    N correction2 = 1;      ///< 1 - beta2^t
  };
  /// Computes the numbers of step c.t.
  static void begin_step(auto& c) {
    const auto momentum = [&](const auto& t) {
      return c.beta1 * (1 - 0.5 * pow(decltype(c.t)(0.96), c.momentum_decay * t));
    };
    c.now = let("μₜ", momentum(c.t));
    c.next = let("μ′", momentum(c.t + 1));
    const auto all = let("Π", product("μᵢ", c.t, momentum));  // of the steps from 1 to t
    c.correction = 1 - all;
    c.next_correction = 1 - all * c.next;
    c.correction2 = one_minus_pow(c.beta2, c.t);
  }

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& m, E& v, const auto& c) {
    m = c.beta1 * m + (1 - c.beta1) * g;
    v = c.beta2 * v + (1 - c.beta2) * square(g);
    const E m_hat = let("m̂", c.next * m / c.next_correction + (1 - c.now) * g / c.correction);
    const E v_hat = let("v̂", v / c.correction2);
    theta = theta - c.lr * m_hat / (sqrt(v_hat) + c.eps);
  }
};

using NAdamOptions = NAdamRule::Options<double>;  ///< options of NAdam
/// The optimizer with the rule NAdamRule.
using NAdam = RuleOptimizer<NAdamRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
