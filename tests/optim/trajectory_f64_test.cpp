// SPDX-License-Identifier: MIT
// Compares every step of the update rules with the numbers of reference/optimizer_trajectories.py.
#include "trajectories.hpp"

namespace xgrad::test {
namespace {

class TrajectoryTest : public ::testing::TestWithParam<Rule> {
 protected:
  static void expect_reference(double weight_decay, std::size_t rows) {
    const Deviation deviation =
        follow(GetParam().name, weight_decay, [](auto parameters, double lr, double decay) {
          return GetParam().make(std::move(parameters), lr, decay);
        });
    EXPECT_LE(deviation.largest, 1e-10) << deviation.place;
    EXPECT_EQ(deviation.rows, rows);
  }
};

TEST_P(TrajectoryTest, EveryStepIsTheReferenceStep) { expect_reference(0, 50); }

TEST_P(TrajectoryTest, EveryStepWithWeightDecayIsTheReferenceStep) { expect_reference(0.01, 11); }

/// Returns the update rules that the table contains.
std::vector<Rule> rules_of_the_table() {
  std::vector<Rule> rules = kRules;
  std::erase_if(rules, [](const Rule& rule) { return !has_reference(rule.name); });
  return rules;
}

INSTANTIATE_TEST_SUITE_P(Rules, TrajectoryTest, ::testing::ValuesIn(rules_of_the_table()),
                         rule_name);

}  // namespace
}  // namespace xgrad::test
