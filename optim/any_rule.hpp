// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/expression.hpp>
#include <xgrad/optim/rule.hpp>
#include <xgrad/optim/update_span.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xgrad::inline XGRAD_ABI::optim {

/// The learning rate and the weight decay of a parameter group.
struct Rates {
  double lr;            ///< learning rate
  double weight_decay;  ///< weight decay; ignored by a rule without this option
};

/// An update rule with its options, as Optimizer uses it. AnyRuleOf implements it for a rule that
/// is written as rule.hpp describes.
class AnyRule {
 public:
  static constexpr std::size_t kMostStates = 4;  ///< largest number of states
  virtual ~AnyRule() = default;
  virtual const RuleInfo& info() const = 0;             ///< Returns what the rule says of itself.
  virtual std::vector<OptionInfo> options() const = 0;  ///< Returns the options and their values.
  virtual std::vector<StateInfo> states() const = 0;    ///< Returns the states.
  virtual bool looks_ahead() const = 0;                 ///< Returns whether it is like NAG.

  /// Computes the coefficients of step number t, for each parameter group.
  virtual void begin_step(std::uint64_t t, const std::vector<Rates>& groups) = 0;
  /// Updates a span of a parameter in `group` and of its states.
  virtual void update(std::size_t group, const UpdateSpan& span) const noexcept = 0;
  /// Replaces n elements of the look-ahead point by those of theta. states[k] points to the first
  /// of these elements in state k.
  virtual void leave_look_ahead(Scalar* y, const Scalar* const* states, std::size_t n) const = 0;

  /// Returns the formula of the rule.
  virtual Derivation formula() const = 0;
  /// Returns the arithmetic of step number t for one element, with its numbers.
  virtual Derivation derive(std::uint64_t t, Rates rates, double theta, double g,
                            const std::vector<double>& states) const = 0;
};

}  // namespace xgrad::inline XGRAD_ABI::optim
