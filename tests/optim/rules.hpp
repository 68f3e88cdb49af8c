// SPDX-License-Identifier: MIT
#pragma once

// Helpers of the optimizer tests: a table of the six update rules, parameters and gradients.

#include <xgrad/autograd.hpp>
#include <xgrad/optim.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace xgrad::test {

/// An update rule. make() creates it with default options, except for the learning rate and the
/// weight decay.
struct Rule {
  const char* name;
  std::unique_ptr<optim::Optimizer> (*make)(std::vector<Tensor>, double lr, double weight_decay);
};
inline void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

template <class Optimizer, class Options>
std::unique_ptr<optim::Optimizer> make_rule(std::vector<Tensor> parameters, double lr,
                                            double weight_decay) {
  Options options;
  options.lr = lr;
  options.weight_decay = weight_decay;
  return std::make_unique<Optimizer>(std::move(parameters), options);
}

inline constexpr std::array kRules{
    Rule{"sgd", make_rule<optim::SGD, optim::SGDOptions>},
    Rule{"momentum", make_rule<optim::Momentum, optim::MomentumOptions>},
    Rule{"nag", make_rule<optim::NAG, optim::NAGOptions>},
    Rule{"adagrad", make_rule<optim::AdaGrad, optim::AdaGradOptions>},
    Rule{"rmsprop", make_rule<optim::RMSProp, optim::RMSPropOptions>},
    Rule{"adam", make_rule<optim::Adam, optim::AdamOptions>}};

/// Returns all update rules except the one with this name.
inline std::vector<Rule> rules_except(const std::string& name) {
  std::vector<Rule> rules(kRules.begin(), kRules.end());
  std::erase_if(rules, [&](const Rule& rule) { return name == rule.name; });
  return rules;
}

inline std::string rule_name(const ::testing::TestParamInfo<Rule>& info) { return info.param.name; }

/// Returns a one-dimensional leaf that requires a gradient.
inline Tensor parameter(const std::vector<Scalar>& values) {
  Array array = empty({values.size()});
  std::copy(values.begin(), values.end(), array.data());
  return Tensor(std::move(array), true);
}

/// Sets the gradient of a leaf to g.
inline void give_gradient(Tensor leaf, const Array& g) {
  leaf.zero_grad();
  leaf.backward(g);
}
inline void give_gradient(const Tensor& leaf, double value) {
  give_gradient(leaf, full(leaf.shape(), static_cast<Scalar>(value)));
}

}  // namespace xgrad::test
