// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Moves along the sign of a mix of the gradient and its moving average. The weight decay is
/// decoupled.
struct LionRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "lion",
      .title = "Lion",
      .source = "Chen et al. 2023",
      .summary =
          "Every parameter moves by the same distance η; only the sign of "
          "a moving average of the gradient matters. It needs a learning "
          "rate three to ten times smaller than Adam's.",
      .colour = "#8C564B",
      .lowest_lr = 1e-5,
      .highest_lr = 1e-2,
      .in_library = true};

  /// Options of Lion, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-4;         ///< learning rate
    N beta1 = 0.9;       ///< share of m in the direction, in [0, 1)
    N beta2 = 0.99;      ///< decay rate of m, in [0, 1)
    N weight_decay = 0;  ///< decoupled decay of the parameters

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("beta1", "β₁", Range::fraction, o.beta1);
      f("beta2", "β₂", Range::fraction, o.beta2);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"mean", "m"}};
  /// update() applies the weight decay.
  static constexpr bool decoupled_decay = true;

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& m, const auto& c) {
    const E d = let("d", sign(c.beta1 * m + (1 - c.beta1) * g));
    m = c.beta2 * m + (1 - c.beta2) * g;
    theta = theta - c.lr * (d + c.weight_decay * theta);
  }
};

using LionOptions = LionRule::Options<double>;  ///< options of Lion
/// The optimizer with the rule LionRule.
using Lion = RuleOptimizer<LionRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
