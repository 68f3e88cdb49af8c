// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/any_rule.hpp>

#include <array>
#include <tuple>
#include <utility>

namespace xgrad::inline XGRAD_ABI::optim {

/// Implements AnyRule for a rule that is written as rule.hpp describes.
template <class Rule>
class AnyRuleOf final : public AnyRule {
 public:
  using Options = typename Rule::template Options<double>;  ///< options of the rule

  /// Creates the rule with these options. update() calls `kernel`.
  explicit AnyRuleOf(const Options& options, UpdateKernel<Rule> kernel = update_one_by_one<Rule>)
      : options_(options), kernel_(kernel), base_(convert<Coefficient>(options, [](auto& option) {
          return Coefficient(option.value);
        })) {}

  const RuleInfo& info() const override { return Rule::info; }
  std::vector<OptionInfo> options() const override { return list(options_); }
  std::vector<StateInfo> states() const override {
    return {Rule::states.begin(), Rule::states.end()};
  }
  bool looks_ahead() const override { return optim::looks_ahead<Rule>; }

  void begin_step(std::uint64_t t, const std::vector<Rates>& groups) override {
    coefficients_.assign(groups.size(), base_);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      set(coefficients_[i], groups[i]);
      coefficients_[i].t = static_cast<double>(t);
      coefficients_[i].begin_step();
    }
  }
  void update(std::size_t group, const UpdateSpan& span) const noexcept override {
    kernel_(span, coefficients_[group]);
  }
  void leave_look_ahead(Scalar* y, const Scalar* const* states, std::size_t n) const override {
    if constexpr (optim::looks_ahead<Rule>) {
      using E = Element<Scalar>;
      for (std::size_t i = 0; i < n; ++i) {
        std::array<E, state_count<Rule>> s;
        for (std::size_t k = 0; k < s.size(); ++k) s[k] = E::of(states[k][i]);
        y[i] = std::apply([&](auto&... v) { return Rule::parameter(E::of(y[i]), v..., base_); }, s)
                   .value;
      }
    }
  }

  Derivation formula() const override {
    Derivation lines;
    const auto c = expressions(lines, options_, 1);
    auto states = variables(lines, {}, kIndices);
    std::apply(
        [&](auto&... s) {
          Expression theta = Expression::variable("θ", 0, lines);
          if constexpr (optim::looks_ahead<Rule>) {
            const auto at = Rule::look_ahead(theta, s..., c);
            Rule::update(theta, Expression::gradient(at, 0), s..., c);
          } else {
            Rule::update(theta, Expression::variable("g", 0, lines), s..., c);
          }
        },
        states);
    return lines;
  }
  Derivation derive(std::uint64_t t, Rates rates, double theta, double g,
                    const std::vector<double>& values) const override {
    Derivation lines;
    Options options = options_;
    set(options, rates);
    const auto c = expressions(lines, options, t);
    auto states = variables(lines, values, kIndices);
    Expression p = Expression::variable(optim::looks_ahead<Rule> ? "y" : "θ", theta, lines);
    apply<Rule>(p, Expression::variable("g", g, lines), states, c);
    return lines;
  }

 private:
  static_assert(state_count<Rule> <= kMostStates);
  static constexpr std::make_index_sequence<state_count<Rule>> kIndices{};

  static void set(auto& options, Rates rates) {
    options.lr = rates.lr;
    if constexpr (has_weight_decay<Rule>) options.weight_decay = rates.weight_decay;
  }
  static std::vector<OptionInfo> list(const Options& options) {
    std::vector<OptionInfo> result;
    Options::each(options, [&](const char* name, const char* symbol, Range range, double value) {
      result.push_back({name, symbol, range, value});
    });
    return result;
  }
  /// Returns the options as numbers of type N, each of which make(option) creates.
  template <class N>
  static Coefficients<Rule, N> convert(const Options& options, auto make) {
    const std::vector<OptionInfo> values = list(options);
    auto next = values.begin();
    Coefficients<Rule, N> c;
    c.each(c, [&](auto, auto, auto, N& number) { number = make(*next++); });
    return c;
  }
  static auto expressions(Derivation& lines, const Options& options, std::uint64_t t) {
    auto c = convert<Expression>(options, [&](auto& option) {
      return Expression::coefficient(option.symbol, option.value, lines);
    });
    c.t = Expression::coefficient("t", static_cast<double>(t), lines);
    c.begin_step();
    return c;
  }
  template <std::size_t... I>
  static std::array<Expression, sizeof...(I)> variables(Derivation& lines,
                                                        const std::vector<double>& values,
                                                        std::index_sequence<I...>) {
    return {Expression::variable(Rule::states[I].symbol, values.empty() ? 0 : values[I], lines)...};
  }

  Options options_;
  UpdateKernel<Rule> kernel_;
  Coefficients<Rule, Coefficient> base_;                       ///< the options
  std::vector<Coefficients<Rule, Coefficient>> coefficients_;  ///< of each parameter group
};

}  // namespace xgrad::inline XGRAD_ABI::optim
