// SPDX-License-Identifier: MIT
#include "compare_optimizers/rules.hpp"

#include <xgrad/optim.hpp>

#include <array>

namespace compare {
namespace {

struct Look {
  const char* dashes;
  int point;
};
constexpr std::array<Look, 10> kLooks{{{"", 7},
                                       {"12,4", 5},
                                       {"8,3,2,3", 9},
                                       {"3,3", 11},
                                       {"6,3", 13},
                                       {"16,4", 15},
                                       {"16,4,4,4", 6},
                                       {"12,4,2,4,2,4", 8},
                                       {"4,6", 10},
                                       {"2,2", 12}}};

std::vector<Rule> make_rules() {
  std::vector<Rule> all;
  for (const std::string& name : xgrad::optim::names()) {
    const xgrad::optim::RuleInfo info = xgrad::optim::default_rule(name)->info();
    const Look look = kLooks[all.size() % kLooks.size()];
    all.push_back({name, info.title, xgrad::optim::formula(name, xgrad::optim::Notation::mathml),
                   info.summary, info.colour, look.dashes, look.point});
  }
  return all;
}

}  // namespace

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = make_rules();
  return all;
}

Rule find_rule(const std::string& name) {
  for (const Rule& rule : rules()) {
    if (rule.name == name) return rule;
  }
  return {name, name, "", "", "#888888", "2,4", 7};
}

}  // namespace compare
