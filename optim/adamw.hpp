// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/adam.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Adam with decoupled weight decay: the decay is not part of the gradient.
struct AdamWRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "adamw",
      .title = "AdamW",
      .source = "Loshchilov and Hutter 2019",
      .summary =
          "Adam with a weight decay that acts on the parameters directly. "
          "In Adam, the L2 penalty is part of the gradient, and is scaled "
          "down where gradients are large.",
      .colour = "#7A5FCF",
      .lowest_lr = 1e-4,
      .highest_lr = 0.1,
      .in_library = true};

  /// Options of AdamW, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-3;            ///< learning rate
    N beta1 = 0.9;          ///< decay rate of m, in [0, 1)
    N beta2 = 0.999;        ///< decay rate of v, in [0, 1)
    N eps = 1e-8;           ///< above 0
    N weight_decay = 1e-2;  ///< decoupled decay of the parameters

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
  /// update() applies the weight decay.
  static constexpr bool decoupled_decay = true;

  /// Has the bias corrections of Adam.
  template <class N>
  using Step = AdamRule::Step<N>;
  /// Computes the corrections of step c.t.
  static void begin_step(auto& c) { AdamRule::begin_step(c); }

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, E& m, E& v, const auto& c) {
    theta = theta - c.lr * c.weight_decay * theta;
    AdamRule::update(theta, g, m, v, c);
  }
};

using AdamWOptions = AdamWRule::Options<double>;  ///< options of AdamW
/// The optimizer with the rule AdamWRule.
using AdamW = RuleOptimizer<AdamWRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
