// SPDX-License-Identifier: MIT
#pragma once

// The table of the update rules in the library. make(), names(), the SIMD kernels, the tests and
// the programs are made from it.

#include <xgrad/optim/adadelta.hpp>
#include <xgrad/optim/adagrad.hpp>
#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/adamw.hpp>
#include <xgrad/optim/lion.hpp>
#include <xgrad/optim/momentum.hpp>
#include <xgrad/optim/nadam.hpp>
#include <xgrad/optim/nag.hpp>
#include <xgrad/optim/rmsprop.hpp>
#include <xgrad/optim/sgd.hpp>

#include <map>

namespace xgrad::inline XGRAD_ABI::optim {

/// A list of update rules.
template <class... Rule>
struct RuleList {};

/// The update rules of the library, in the order of names().
using Rules = RuleList<SGDRule, MomentumRule, NAGRule, AdaGradRule, RMSPropRule, AdamRule,
                       AdamWRule, NAdamRule, AdadeltaRule, LionRule>;

/// Creates an optimizer by its name in names(), such as "adam". Without `lr`, it has its default
/// learning rate. Throws OptionError for an unknown name, and like the constructor.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                std::optional<double> lr = std::nullopt);

/// Hyperparameters by the names of the option structs: {"lr": 0.01, "beta2": 0.99}.
using OptionMap = std::map<std::string, double>;
/// Creates an optimizer by name with `options`; the others keep their defaults. Throws OptionError
/// for an unknown name of an optimizer or option, and like the constructor.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                const OptionMap& options);
/// Creates an optimizer of parameter groups by name. Throws OptionError like the other functions.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<ParameterGroup> groups,
                                const OptionMap& options = {});

/// Returns the names that make() accepts, in the order of Rules.
std::vector<std::string> names();
/// Returns the rule with this name and its default options. Throws OptionError for an unknown name.
std::unique_ptr<AnyRule> default_rule(const std::string& name);
/// Returns all options of an optimizer with their defaults. Throws OptionError for an unknown name.
OptionMap default_options(const std::string& name);

/// Returns the formula of a rule, which is derived from the code that computes it. As text, each
/// assignment is a line: "v ← γ v + η g\nθ ← θ − v". Throws OptionError for an unknown name.
std::string formula(const std::string& name, Notation notation = Notation::text);

/// Returns the arithmetic of the next step() for one element of a parameter. Call it between
/// backward() and step(). Each line has the form `symbol = formula = numbers = result`:
///
///     v = γ v + η g = 0.9 · 0.5 + 0.01 · 2 = 0.47
///     θ = θ − v = 3 − 0.47 = 2.53
///
/// A line that contains only coefficients has no numbers. The last line ends with the new value of
/// the element, with all its digits. Throws OptionError if the optimizer does not train the
/// parameter, if the parameter has no gradient or is frozen, or if `element` is not an index of it.
/// Throws Error if NAG is in evaluation mode.
std::string explain(const Optimizer& optimizer, const Tensor& parameter,
                    const std::vector<std::size_t>& element);

}  // namespace xgrad::inline XGRAD_ABI::optim
