// SPDX-License-Identifier: MIT
// Tests parameter groups, and freezing parameters in mid-training.
#include "rules.hpp"

#include <xgrad/core/rng.hpp>

namespace xgrad::test {
namespace {

using optim::ParameterGroup;

class GroupsTest : public ::testing::TestWithParam<Rule> {
 protected:
  Rng rng{5};
  const Array start_a = rng.normal({3, 4}), start_b = rng.normal({7});
  Tensor a{start_a, true}, b{start_b, true};            // in one optimizer with groups
  Tensor twin_a{start_a, true}, twin_b{start_b, true};  // each in its own optimizer

  static auto make(std::vector<ParameterGroup> groups, double lr = 0.0625, double decay = 0.01) {
    return optim::make(GetParam().name, std::move(groups), {{"lr", lr}, {"weight_decay", decay}});
  }
  void give_gradients() {
    const Array g_a = rng.normal({3, 4}), g_b = rng.normal({7});
    for (const Tensor& p : {a, twin_a}) give_gradient(p, g_a);
    for (const Tensor& p : {b, twin_b}) give_gradient(p, g_b);
  }
  void expect_twins() {
    EXPECT_TRUE(same_bits(a.value(), twin_a.value()));
    EXPECT_TRUE(same_bits(b.value(), twin_b.value()));
  }
  std::string refusal(std::vector<ParameterGroup> groups) {
    return message_of<OptionError>([&] { make(std::move(groups)); });
  }
  const std::string prefix = "[" + GetParam().name + "] ";
};

TEST_P(GroupsTest, GroupsEqualSeparateOptimizersWithTheirOptions) {
  const auto joint =
      make({{.parameters = {a}}, {.parameters = {b}, .lr_scale = 0.25, .weight_decay = 0.5}});
  const auto first = GetParam().make({twin_a}, 0.0625, 0.01);
  const auto second = GetParam().make({twin_b}, 0.0625 / 4, 0.5);
  for (int step = 0; step < 12; ++step) {
    if (step == 6) {
      joint->set_learning_rate(0.5);  // is the base rate
      first->set_learning_rate(0.5);
      second->set_learning_rate(0.5 / 4);
    }
    give_gradients();
    joint->step();
    first->step();
    second->step();
    expect_twins();
  }
  EXPECT_EQ(joint->learning_rate(), 0.5);
  for (optim::Optimizer* optimizer : {joint.get(), first.get(), second.get()}) optimizer->eval();
  expect_twins();
}

TEST_P(GroupsTest, AGroupThatIsAddedInMidTrainingStartsWithZeroState) {
  const auto grown = make({{.parameters = {a}}});
  // The twin has no gradient in the first steps, and so no state.
  const auto whole = make({{.parameters = {twin_a}}, {.parameters = {twin_b}, .lr_scale = 2}});
  for (int step = 0; step < 8; ++step) {
    if (step == 4) grown->add_group({.parameters = {b}, .lr_scale = 2});
    give_gradients();
    if (step < 4) twin_b.zero_grad();
    grown->step();
    whole->step();
    expect_twins();
  }
  EXPECT_FALSE(same_bits(b.value(), start_b));
  EXPECT_EQ(grown->parameters().size(), 2u);
  EXPECT_EQ(grown->groups().size(), 2u);
}

TEST_P(GroupsTest, AFrozenParameterKeepsItsValueAndItsState) {
  const auto one = make({{.parameters = {a, b}}}), other = make({{.parameters = {twin_a, twin_b}}});
  for (int step = 0; step < 9; ++step) {
    if (step == 3) b.set_requires_grad(false);
    if (step == 6) b.set_requires_grad(true);
    const bool is_frozen = step >= 3 && step < 6;
    if (is_frozen) {
      const Array g = rng.normal(a.shape());
      for (const Tensor& p : {a, twin_a}) give_gradient(p, g);
      twin_b.zero_grad();  // b keeps the gradient of an earlier step
    } else {
      give_gradients();
    }
    const Array before = b.value();
    one->step();
    other->step();
    EXPECT_EQ(same_bits(b.value(), before), is_frozen) << step;
    expect_twins();
  }
}

TEST_P(GroupsTest, ATensorMustNotBeInTwoGroups) {
  EXPECT_EQ(refusal({{.parameters = {a}}, {.parameters = {b, a}}}),
            prefix + "parameters 0 and 2 are the same tensor");
  const auto rule = make({{.parameters = {a}}});
  EXPECT_EQ(message_of<OptionError>([&] { rule->add_group({.parameters = {a}}); }),
            prefix + "parameters 0 and 1 are the same tensor");
  EXPECT_EQ(rule->groups().size(), 1u);
  EXPECT_EQ(rule->parameters().size(), 1u);
}

TEST_P(GroupsTest, AGroupMustContainAParameter) {
  EXPECT_EQ(refusal({}),
            prefix +
                "there must be a parameter to optimize, got none; a model lists what it has "
                "registered with register_module() or register_parameter()");
  EXPECT_EQ(refusal({{.parameters = {a}}, {}}),
            prefix + "a parameter group must contain a parameter");
  const auto rule = make({{.parameters = {a}}});
  EXPECT_EQ(message_of<OptionError>([&] { rule->add_group({}); }),
            prefix + "a parameter group must contain a parameter");
}

TEST_P(GroupsTest, TheRatesOfAGroupMustBeFiniteAndNotNegative) {
  const std::string words = " must be a finite number of at least 0, got ";
  EXPECT_EQ(refusal({{.parameters = {a}, .lr_scale = -1}}), prefix + "lr_scale" + words + "-1");
  EXPECT_EQ(refusal({{.parameters = {a}, .lr_scale = kNaN}}), prefix + "lr_scale" + words + "nan");
  EXPECT_EQ(refusal({{.parameters = {a}, .weight_decay = -0.5}}),
            prefix + "weight_decay" + words + "-0.5");
  EXPECT_EQ(refusal({{.parameters = {a}, .weight_decay = kInf}}),
            prefix + "weight_decay" + words + "inf");
  const auto rule = make({{.parameters = {a}, .lr_scale = 1e30}});
  EXPECT_EQ(message_of<OptionError>([&] { rule->set_learning_rate(1e20); }),
            prefix + "lr * lr_scale" + words + "1e+50, which is infinite in float");
  EXPECT_EQ(rule->learning_rate(), 0.0625);
}

TEST_P(GroupsTest, TheDescriptionListsGroupsThatDiffer) {
  const std::string plain = make({{.parameters = {a}}})->description();
  EXPECT_EQ(plain.find("group"), std::string::npos);
  EXPECT_EQ(make({{.parameters = {a}}, {.parameters = {b}, .lr_scale = 0.5, .weight_decay = 0}})
                ->description(),
            plain + "; group of 1, lr_scale 1; group of 1, lr_scale 0.5, weight_decay 0");
}

INSTANTIATE_TEST_SUITE_P(Rules, GroupsTest, ::testing::ValuesIn(kRules), rule_name);

}  // namespace
}  // namespace xgrad::test
