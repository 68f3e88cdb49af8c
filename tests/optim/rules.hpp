// SPDX-License-Identifier: MIT
#pragma once

// Helpers of the optimizer tests: the table of the update rules, parameters and gradients.

#include <xgrad/autograd.hpp>
#include <xgrad/optim.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace xgrad::test {

/// An update rule of the library.
struct Rule {
  std::string name;
  /// Creates an optimizer with default options, except for the learning rate and the weight decay.
  std::unique_ptr<optim::Optimizer> make(std::vector<Tensor> parameters, double lr,
                                         double weight_decay) const {
    return optim::make(name, std::move(parameters),
                       optim::OptionMap{{"lr", lr}, {"weight_decay", weight_decay}});
  }
};
inline void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

inline const std::vector<Rule> kRules = [] {
  std::vector<Rule> rules;
  for (const std::string& name : optim::names()) rules.push_back({name});
  return rules;
}();

/// Returns all update rules except those with these names.
inline std::vector<Rule> rules_except(const std::vector<std::string>& names) {
  std::vector<Rule> rules = kRules;
  std::erase_if(rules, [&](const Rule& rule) {
    return std::find(names.begin(), names.end(), rule.name) != names.end();
  });
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
