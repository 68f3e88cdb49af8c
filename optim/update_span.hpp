// SPDX-License-Identifier: MIT
#pragma once

// How all readings of an update rule apply it: to one element, to a register, to an expression.

#include <xgrad/core/operand.hpp>
#include <xgrad/optim/rule.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::optim {

/// Updates one element, or one register of elements. `theta` is what the parameter contains, `g`
/// its gradient, and `s` the states.
template <class Rule, class E, std::size_t n>
inline void apply(E& theta, E g, std::array<E, n>& s, const auto& c) {
  if constexpr (has_weight_decay<Rule> && !is_decay_decoupled<Rule>) {
    if constexpr (std::is_same_v<E, Expression>) {
      if (c.weight_decay.value() != 0) g = g + c.weight_decay * theta;
    } else {
      g = g + c.weight_decay * theta;
    }
  }
  const auto with_states = [&](auto& at) {
    std::apply([&](auto&... state) { Rule::update(at, g, state..., c); }, s);
  };
  if constexpr (looks_ahead<Rule>) {
    E at = let("θ", std::apply([&](auto&... v) { return Rule::parameter(theta, v..., c); }, s));
    with_states(at);
    theta = std::apply([&](auto&... v) { return Rule::look_ahead(at, v..., c); }, s);
  } else {
    with_states(theta);
  }
}

/// Accesses one element. The SIMD kernels access a register of elements in the same way.
struct OneElement {
  std::size_t i;                                               ///< index of the element
  Scalar load(const Scalar* p) const { return p[i]; }          ///< Reads from p.
  void store(Scalar* p, Scalar value) const { p[i] = value; }  ///< Writes to p.
};

/// Where the elements of a span lie: n elements from index `begin` of a parameter.
struct UpdateSpan {
  Scalar* theta;          ///< first element of the parameter
  Scalar* const* states;  ///< first element of each state
  ScaledSpan g;           ///< gradient, from index `begin`
  std::size_t begin;      ///< index of the first element of the span
  std::size_t n;          ///< number of elements
};

/// Updates a span with the coefficients of the step. Calls loop(body), which must call body(at) for
/// each place of [0, n). T is the type that at.load() returns.
template <class T, class Rule>
inline void update_span(const UpdateSpan& span, const Coefficients<Rule, Coefficient>& coefficients,
                        auto loop) {
  using E = Element<T>;
  // Local copies: the compiler knows that a store to a parameter does not change them.
  const auto c = coefficients;
  const ScaledSpan g = span.g;
  Scalar* const theta = span.theta + span.begin;
  std::array<Scalar*, state_count<Rule>> states;
  for (std::size_t i = 0; i < states.size(); ++i) states[i] = span.states[i] + span.begin;
  loop([&](auto at) {
    E p = E::of(at.load(theta));
    std::array<E, state_count<Rule>> s;
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = E::of(at.load(states[i]));
    apply<Rule>(p, E(static_cast<double>(g.factor)) * E::of(at.load(g.values)), s, c);
    for (std::size_t i = 0; i < s.size(); ++i) at.store(states[i], without_denormals(s[i]).value);
    at.store(theta, p.value);
  });
}

/// Updates a span.
template <class Rule>
using UpdateKernel = void (*)(const UpdateSpan& span, const Coefficients<Rule, Coefficient>& c);

/// An UpdateKernel that updates the elements one by one, without SIMD.
template <class Rule>
void update_one_by_one(const UpdateSpan& span, const Coefficients<Rule, Coefficient>& c) {
  update_span<Scalar>(span, c, [n = span.n](auto body) {
    for (std::size_t i = 0; i < n; ++i) body(OneElement{i});
  });
}

}  // namespace xgrad::inline XGRAD_ABI::optim
