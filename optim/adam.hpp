// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Uses moving averages of the gradient and of its square, corrected for their start at 0. t counts
/// the steps of the optimizer from 1.
struct AdamRule {
  /// Describes the rule.
  static constexpr RuleInfo info{.name = "adam",
                                 .title = "Adam",
                                 .source = "Kingma and Ba 2015",
                                 .summary =
                                     "The velocity of Momentum with the scaling of RMSProp. Both "
                                     "averages are corrected for their start at zero. A parameter "
                                     "moves by at most about η per step, whatever its gradient.",
                                 .colour = "#0072B2",
                                 .lowest_lr = 1e-4,
                                 .highest_lr = 0.1,
                                 .in_library = true};

  /// Options of Adam, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-3;         ///< learning rate
    N beta1 = 0.9;       ///< decay rate of m, in [0, 1)
    N beta2 = 0.999;     ///< decay rate of v, in [0, 1)
    N eps = 1e-8;        ///< above 0
    N weight_decay = 0;  ///< L2 penalty

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("beta1", "β₁", Range::fraction, o.beta1);
      f("beta2", "β₂", Range::fraction, o.beta2);
      f("eps", "ε", Range::positive, o.eps);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"mean", "m"}, StateInfo{"square_mean", "v"}};

  /// Bias corrections, which are the same for all elements.
  template <class N>
  struct Step {
    N correction1 = 1;  ///< 1 - beta1^t
    N correction2 = 1;  ///< 1 - beta2^t
  };
  /// Computes the corrections of step c.t.
  static void begin_step(auto& c) {
    c.correction1 = one_minus_pow(c.beta1, c.t);
    c.correction2 = one_minus_pow(c.beta2, c.t);
  }

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& m, E& v, const auto& c) {
    m = c.beta1 * m + (1 - c.beta1) * g;
    v = c.beta2 * v + (1 - c.beta2) * square(g);
    const E m_hat = let("m̂", m / c.correction1);
    const E v_hat = let("v̂", v / c.correction2);
    theta = theta - c.lr * m_hat / (sqrt(v_hat) + c.eps);
  }
};

using AdamOptions = AdamRule::Options<double>;  ///< options of Adam
/// The optimizer with the rule AdamRule.
using Adam = RuleOptimizer<AdamRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
