// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rule_optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// Stochastic gradient descent. The batch size of the loader makes it per-sample, mini-batch or
/// full-batch descent.
struct SGDRule {
  /// Describes the rule.
  static constexpr RuleInfo info{
      .name = "sgd",
      .title = "SGD",
      .source = "Robbins and Monro 1951",
      .summary =
          "Each step is the negative gradient times the learning rate. If "
          "the curvature differs much between directions, the steepest "
          "direction limits the learning rate, and progress along the "
          "flat directions is slow.",
      .colour = "#E69F00",
      .lowest_lr = 1e-2,
      .highest_lr = 10,
      .in_library = true};

  /// Options of SGD, as numbers of type N.
  template <class N>
  struct Options {
    N lr = 1e-2;         ///< learning rate
    N weight_decay = 0;  ///< L2 penalty

    /// Calls f(name, symbol, range, member) for each option.
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("weight_decay", "λ", Range::non_negative, o.weight_decay);
    }
  };
  /// Lists the state arrays.
  static constexpr std::array<StateInfo, 0> states{};

  /// Updates one element.
  template <class E>
  static void update(E& theta, const E& g, const auto& c) {
    theta = theta - c.lr * g;
  }
};

using SGDOptions = SGDRule::Options<double>;  ///< options of SGD
/// The optimizer with the rule SGDRule.
using SGD = RuleOptimizer<SGDRule>;

}  // namespace xgrad::inline XGRAD_ABI::optim
