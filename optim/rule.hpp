// SPDX-License-Identifier: MIT
#pragma once

// How an update rule is written. A rule is a struct with its options, the names of its state and
// one function template, which computes the new values of one element:
//
//   struct Signum {
//     static constexpr RuleInfo info{.name = "signum"};
//     template <class N>
//     struct Options {
//       N lr = 1e-3, momentum = 0.9;
//       static void each(auto& o, auto f) {
//         f("lr", "η", Range::non_negative, o.lr);
//         f("momentum", "γ", Range::fraction, o.momentum);
//       }
//     };
//     static constexpr std::array states{StateInfo{"velocity", "v"}};
//     template <class E>
//     static void update(E& theta, const E& g, E& v, const auto& c) {
//       v = c.momentum * v + (1 - c.momentum) * g;
//       theta = theta - c.lr * sign(v);
//     }
//   };
//   RuleOptimizer<Signum> optimizer(model.parameters(), {.lr = 1e-3});
//
// `c` has the options by name, the number `t` of the step (from 1), and the members of Step:
//
//   template <class N> struct Step { N correction = 1; };
//   static void begin_step(auto& c) { c.correction = one_minus_pow(c.momentum, c.t); }
//
// begin_step() is called once per step. Optional members: `decoupled_decay = true` if update()
// applies c.weight_decay itself; otherwise g + c.weight_decay * theta takes the place of g.
// `looks_ahead = true` if the parameter contains another point than theta; see NAGRule.

#include <xgrad/optim/element.hpp>
#include <xgrad/optim/expression.hpp>

#include <array>
#include <cstddef>
#include <tuple>

namespace xgrad::inline XGRAD_ABI::optim {

/// The range of an option: above 0, at least 0, or in [0, 1).
enum class Range { positive, non_negative, fraction };

/// What a rule says about itself. Only the name is required.
struct RuleInfo {
  const char* name;                ///< name that make() accepts
  const char* title = name;        ///< name in texts
  const char* source = "";         ///< the publication
  const char* summary = "";        ///< explanation in words
  const char* colour = "#888888";  ///< colour in charts
  double lowest_lr = 1e-3;         ///< lowest learning rate that is worth a try
  double highest_lr = 1;           ///< highest learning rate that is worth a try
  bool in_library = false;         ///< whether the library contains SIMD kernels of the rule
};

/// An array of the state, which has the shape of the parameter and contains 0 at first.
struct StateInfo {
  const char* name;    ///< name in checkpoints
  const char* symbol;  ///< symbol in formulas
};

/// An option of a rule and its value.
struct OptionInfo {
  const char* name;    ///< name of the member
  const char* symbol;  ///< symbol in formulas
  Range range;         ///< values that are allowed
  double value;        ///< value
};

namespace detail {

template <class Rule, class N>
struct StepOf {};
template <class Rule, class N>
requires requires { typename Rule::template Step<N>; }
struct StepOf<Rule, N> : Rule::template Step<N> {};

}  // namespace detail

/// The numbers that all elements of a step share, as numbers of type N.
template <class Rule, class N>
struct Coefficients : Rule::template Options<N>, detail::StepOf<Rule, N> {
  N t = 0;  ///< number of the step, from 1

  /// Computes the numbers of step `t`.
  void begin_step() {
    if constexpr (requires { Rule::begin_step(*this); }) Rule::begin_step(*this);
  }
};

/// Whether a rule has a weight decay.
template <class Rule>
inline constexpr bool has_weight_decay = requires(const Coefficients<Rule, Coefficient>& c) {
  c.weight_decay;  // cppcheck-suppress constStatement
};

/// Whether update() itself applies the weight decay of a rule.
template <class Rule>
inline constexpr bool is_decay_decoupled = requires {
  Rule::decoupled_decay;
};

/// Whether the parameter contains another point than theta; see NAGRule.
template <class Rule>
inline constexpr bool looks_ahead = requires {
  Rule::looks_ahead;
};

/// The number of state arrays of a rule.
template <class Rule>
inline constexpr std::size_t state_count = std::tuple_size_v<decltype(Rule::states)>;

}  // namespace xgrad::inline XGRAD_ABI::optim
