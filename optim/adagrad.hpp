// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Divides the learning rate of each element by the root of the sum of its squared gradients.
struct AdaGradRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "adagrad",
      .title = "AdaGrad",
      .source = "Duchi, Hazan and Singer 2011",
      .summary =
          "Each parameter has its own learning rate, which shrinks as its "
          "squared gradients add up. This suits rare features, but the "
          "learning rates never grow again.",
      .colour = "#CC79A7",
      .lowest_lr = 1e-3,
      .highest_lr = 1,
      .in_library = true};

  /// Options of AdaGrad, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-2;         ///< learning rate
    N eps = 1e-10;       ///< above 0
    N weight_decay = 0;  ///< L2 penalty

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("eps", "ε", Range::positive, o.eps);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array states{StateInfo{"square_sum", "r"}};

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& r, const auto& c) {
    r = r + square(g);
    theta = theta - c.lr * g / (sqrt(r) + c.eps);
  }
};

using AdaGradOptions = AdaGradRule::Options<double>;  ///< options of AdaGrad
/// The optimizer with the rule AdaGradRule.
using AdaGrad = RuleOptimizer<AdaGradRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
