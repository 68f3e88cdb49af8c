// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Nesterov's accelerated gradient. It takes the gradient of the loss at the look-ahead point
/// y = look_ahead(theta).
///
/// During training, the parameters contain y, so that an ordinary forward and backward pass
/// computes this gradient. A step computes theta from y, updates theta, and stores the new y. Call
/// eval(), which stores theta, before you evaluate or save the model, and train() before the next
/// step.
struct NAGRule {
  /// Describes the rule.
  static constexpr RuleInfo info{.name = "nag",
                                 .title = "NAG",
                                 .source = "Nesterov 1983, Sutskever et al. 2013",
                                 .summary =
                                     "Momentum that looks ahead: the gradient is computed at the "
                                     "point to which the velocity is about to move the parameters, "
                                     "so that the step slows down before it overshoots.",
                                 .colour = "#009E73",
                                 .lowest_lr = 1e-3,
                                 .highest_lr = 1,
                                 .in_library = true};

  /// Options of NAG, as numbers of type N.
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

  /// The parameter contains another point than theta.
  static constexpr bool looks_ahead = true;
  /// Returns the point y at which the gradient is computed.
  template <class E>
  static E look_ahead(const E& theta, const E& v, const auto& c) {
    return theta - c.momentum * v;
  }
  /// Returns theta from the look-ahead point y.
  template <class E>
  static E parameter(const E& y, const E& v, const auto& c) {
    return y + c.momentum * v;
  }

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& v, const auto& c) {
    v = c.momentum * v + c.lr * g;
    theta = theta - v;
  }
};

using NAGOptions = NAGRule::Options<double>;  ///< options of NAG
/// The optimizer with the rule NAGRule.
using NAG = RuleOptimizer<NAGRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
