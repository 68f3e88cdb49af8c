// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Like AdaGrad, but with a moving average of the squared gradients instead of their sum.
struct RMSPropRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "rmsprop",
      .title = "RMSProp",
      .source = "Tieleman and Hinton 2012",
      .summary =
          "AdaGrad with a decaying average in place of the sum: each step "
          "is divided by the recent root mean square of the gradient, so "
          "that all parameters move at a similar pace.",
      .colour = "#D55E00",
      .lowest_lr = 1e-4,
      .highest_lr = 0.1,
      .in_library = true};

  /// Options of RMSProp, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-3;         ///< learning rate
    N rho = 0.9;         ///< decay rate of r, in [0, 1)
    N eps = 1e-8;        ///< above 0
    N weight_decay = 0;  ///< L2 penalty

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("rho", "ρ", Range::fraction, o.rho);
      f("eps", "ε", Range::positive, o.eps);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"square_mean", "r"}};

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& r, const auto& c) {
    r = c.rho * r + (1 - c.rho) * square(g);
    theta = theta - c.lr * g / (sqrt(r) + c.eps);
  }
};

using RMSPropOptions = RMSPropRule::Options<double>;  ///< options of RMSProp
/// The optimizer with the rule RMSPropRule.
using RMSProp = RuleOptimizer<RMSPropRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
