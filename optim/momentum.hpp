// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Gradient descent with a velocity. The velocity contains the learning rate, so a new learning
/// rate does not rescale the old velocity. PyTorch keeps the learning rate outside the velocity.
struct MomentumRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "momentum",
      .title = "Momentum",
      .source = "Polyak 1964",
      .summary =
          "A decaying sum of past steps: steps in the same direction add "
          "up to as much as 1 / (1 − γ) single steps, and steps in "
          "alternating directions cancel out.",
      .colour = "#56B4E9",
      .lowest_lr = 1e-3,
      .highest_lr = 1,
      .in_library = true};

  /// Options of Momentum, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-2;         ///< learning rate
    N momentum = 0.9;    ///< in [0, 1)
    N weight_decay = 0;  ///< L2 penalty

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("momentum", "γ", Range::fraction, o.momentum);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"velocity", "v"}};

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& v, const auto& c) {
    v = c.momentum * v + c.lr * g;
    theta = theta - v;
  }
};

using MomentumOptions = MomentumRule::Options<double>;  ///< options of Momentum
/// The optimizer with the rule MomentumRule.
using Momentum = RuleOptimizer<MomentumRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
