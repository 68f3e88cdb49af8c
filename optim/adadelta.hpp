// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Like RMSProp, with a moving average of the squared steps in place of the learning rate.
struct AdadeltaRule {
  /// Describes the rule.
  static constexpr RuleInfo info{.name = "adadelta",
                                 .title = "Adadelta",
                                 .source = "Zeiler 2012",
                                 .summary =
                                     "RMSProp that finds its own learning rate: the recent size of "
                                     "the steps of a parameter takes the place of η, which is 1 in "
                                     "the paper.",
                                 .colour = "#999933",
                                 .lowest_lr = 1e-2,
                                 .highest_lr = 10,
                                 .in_library = true};

  /// Options of Adadelta, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1;            ///< learning rate; the paper has none
    N rho = 0.9;         ///< decay rate of r and s, in [0, 1)
    N eps = 1e-6;        ///< above 0
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
  static constexpr std::array states{StateInfo{"square_mean", "r"}, StateInfo{"step_mean", "s"}};

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& r, E& s, const auto& c) {
    r = c.rho * r + (1 - c.rho) * square(g);
    const E d = let("d", g * sqrt(s + c.eps) / sqrt(r + c.eps));
    s = c.rho * s + (1 - c.rho) * square(d);
    theta = theta - c.lr * d;
  }
};

using AdadeltaOptions = AdadeltaRule::Options<double>;  ///< options of Adadelta
/// The optimizer with the rule AdadeltaRule.
using Adadelta = RuleOptimizer<AdadeltaRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
