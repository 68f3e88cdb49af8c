// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/any_rule_of.hpp>
#include <xgrad/optim/optimizer.hpp>

namespace xgrad::inline XGRAD_ABI::optim {
namespace detail {

/// Creates a rule of the library from the values of its options, in their order.
std::unique_ptr<AnyRule> library_rule(const char* name, const std::vector<double>& options);

template <class Rule>
std::unique_ptr<AnyRule> make_rule(const typename Rule::template Options<double>& options) {
  if constexpr (Rule::info.in_library) {
    std::vector<double> values;
    options.each(options, [&](auto, auto, auto, double value) { values.push_back(value); });
    return library_rule(Rule::info.name, values);
  } else {
    return std::make_unique<AnyRuleOf<Rule>>(options);
  }
}

}  // namespace detail

/// The optimizer with one update rule. rule.hpp describes how a rule is written. The rules of the
/// library use SIMD kernels; other rules are computed element by element.
template <class Rule>
class RuleOptimizer final : public Optimizer {
 public:
  using Options = typename Rule::template Options<double>;  ///< options of the rule

  /// Creates an optimizer of `parameters`. Throws OptionError if an option is out of its range, if
  /// `parameters` is empty, contains a tensor twice or one that is not a leaf, or if all are
  /// frozen.
  explicit RuleOptimizer(std::vector<Tensor> parameters, const Options& options = {})
      : RuleOptimizer(std::vector{ParameterGroup{std::move(parameters)}}, options) {}
  /// Creates an optimizer of parameter groups. Throws OptionError like the other constructor.
  explicit RuleOptimizer(std::vector<ParameterGroup> groups, const Options& options = {})
      : Optimizer(detail::make_rule<Rule>(options), std::move(groups)) {}
};

}  // namespace xgrad::inline XGRAD_ABI::optim
