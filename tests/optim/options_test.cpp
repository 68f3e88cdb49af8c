// SPDX-License-Identifier: MIT
// Tests which options optimizers accept and reject, and the error messages.
#include "rules.hpp"

#include <limits>
#include <map>
#include <type_traits>

namespace xgrad::test {
namespace {

using optim::Optimizer;

static_assert(!std::is_copy_constructible_v<optim::SGD>, "a copy would share only the parameters");
static_assert(!std::is_copy_constructible_v<optim::Adam>);
static_assert(std::is_move_constructible_v<optim::Adam>);

struct BadNumber {
  double value;
  const char* printed;
};

class OptionsTest : public ::testing::TestWithParam<Rule> {
 protected:
  const std::string prefix = "[" + std::string(GetParam().name) + "] ";
  const Tensor p = parameter({1, 2});
};

TEST_P(OptionsTest, TheLearningRateMustBeFiniteAndNotNegative) {
  for (const BadNumber bad : {BadNumber{-1, "-1"},
                              {-1e-50, "-1e-50"},
                              {kNaN, "nan"},
                              {kInf, "inf"},
                              {1e39, "1e+39, which is infinite in float"}}) {
    EXPECT_EQ(message_of<OptionError>([&] { GetParam().make({p}, bad.value, 0); }),
              prefix + "lr must be a finite number of at least 0, got " + bad.printed);
  }
}

TEST_P(OptionsTest, ALearningRateThatIsZeroInScalarChangesNoParameter) {
  for (const double lr : {0.0, 6.98e-46, 1e-50}) {
    const auto rule = GetParam().make({p}, lr, 0.1);
    for (int step = 0; step < 3; ++step) {
      give_gradient(p, 3);
      rule->step();
    }
    EXPECT_TRUE(same_bits(p.value(), Array{1, 2})) << lr;
    EXPECT_EQ(rule->step_count(), 3u);
    rule->set_learning_rate(0.1);
    rule->set_learning_rate(lr);
    EXPECT_EQ(rule->learning_rate(), lr);
    rule->resume(7, lr, false);
    EXPECT_EQ(rule->learning_rate(), lr);
  }
}

TEST_P(OptionsTest, TheWeightDecayMustBeFiniteAndNotNegative) {
  for (const BadNumber bad : {BadNumber{-0.01, "-0.01"}, {kNaN, "nan"}, {kInf, "inf"}}) {
    EXPECT_EQ(message_of<OptionError>([&] { GetParam().make({p}, 0.1, bad.value); }),
              prefix + "weight_decay must be a finite number of at least 0, got " + bad.printed);
  }
}

TEST_P(OptionsTest, ARejectedLearningRateKeepsTheOldOne) {
  const auto rule = GetParam().make({p}, 0.25, 0);
  for (const BadNumber bad : {BadNumber{-1, "-1"}, {kNaN, "nan"}, {kInf, "inf"}}) {
    EXPECT_EQ(message_of<OptionError>([&] { rule->set_learning_rate(bad.value); }),
              prefix + "lr must be a finite number of at least 0, got " + bad.printed);
    EXPECT_EQ(rule->learning_rate(), 0.25);
  }
  rule->set_learning_rate(0.1);
  EXPECT_EQ(rule->learning_rate(), 0.1);  // is kept as a double for every Scalar
}

TEST_P(OptionsTest, AtLeastOneParameterIsRequired) {
  EXPECT_EQ(message_of<OptionError>([&] { GetParam().make({}, 0.1, 0); }),
            prefix +
                "there must be a parameter to optimize, got none; a model lists what it has "
                "registered with register_module() or register_parameter()");
}

TEST_P(OptionsTest, ParametersMustBeLeavesOfWhichOneRequiresAGradient) {
  const Tensor frozen(Array{1, 2}), result = p * p;
  EXPECT_EQ(message_of<OptionError>([&] {
              GetParam().make({p, result}, 0.1, 0);
            }),
            prefix + "parameter 1 is the result of an op, not a leaf");
  EXPECT_EQ(message_of<OptionError>([&] { GetParam().make({frozen}, 0.1, 0); }),
            prefix +
                "a parameter must require a gradient, but none does; create it as Tensor(array, "
                "true), or call set_requires_grad(true)");
  const auto rule = GetParam().make({frozen, p}, 0.1, 0);
  give_gradient(p, 1);
  rule->step();
  EXPECT_TRUE(same_bits(frozen.value(), Array{1, 2}));
  EXPECT_FALSE(same_bits(p.value(), Array{1, 2}));
}

TEST_P(OptionsTest, AParameterMustNotBeListedTwice) {
  const Tensor q = parameter({1, 2}), same = p;
  EXPECT_EQ(message_of<OptionError>([&] {
              GetParam().make({q, p, same}, 0.1, 0);
            }),
            prefix + "parameters 1 and 2 are the same tensor");
  EXPECT_NO_THROW(GetParam().make({q, p}, 0.1, 0)) << "equal values are allowed";
}

TEST_P(OptionsTest, MakeCreatesTheUpdateRuleByName) {
  const auto rule = optim::make(GetParam().name, {p}, 0.125);
  EXPECT_EQ(rule->name(), GetParam().name);
  EXPECT_EQ(rule->learning_rate(), 0.125);
  ASSERT_EQ(rule->parameters().size(), 1u);
  EXPECT_TRUE(rule->parameters()[0].is_same(p));
  const double decay = GetParam().name == "adamw" ? 0.01 : 0;
  const auto plain = GetParam().make({parameter({1, 2})}, 0.125, decay);
  const Tensor q = plain->parameters()[0];
  for (const double g : {1.0, -0.5}) {
    give_gradient(p, g);
    give_gradient(q, g);
    rule->step();
    plain->step();
  }
  EXPECT_TRUE(same_bits(p.value(), q.value()));
}

INSTANTIATE_TEST_SUITE_P(Rules, OptionsTest, ::testing::ValuesIn(kRules), rule_name);

TEST(MakeTest, UsesTheDefaultLearningRateOfTheUpdateRule) {
  const std::vector<std::pair<std::string, double>> expected{
      {"sgd", 1e-2},  {"momentum", 1e-2}, {"nag", 1e-2},   {"adagrad", 1e-2}, {"rmsprop", 1e-3},
      {"adam", 1e-3}, {"adamw", 1e-3},    {"nadam", 2e-3}, {"adadelta", 1},   {"lion", 1e-4}};
  const std::vector<std::string> names = optim::names();
  ASSERT_GE(names.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& [name, lr] = expected[i];
    EXPECT_EQ(names[i], name);
    EXPECT_EQ(optim::make(name, {parameter({1})})->learning_rate(), lr) << name;
  }
}

std::string unknown_name(const std::string& name) {
  std::string list;
  for (const Rule& rule : kRules) list += (list.empty() ? "" : ", ") + rule.name;
  return "[optimizer] unknown optimizer \"" + name + "\"; one of " + list;
}

TEST(MakeTest, TheErrorForAnUnknownNameListsTheKnownNames) {
  for (const std::string name : {"adamax", "Adam", ""}) {
    EXPECT_EQ(message_of<OptionError>([&] { optim::make(name, {parameter({1})}); }),
              unknown_name(name));
    EXPECT_EQ(message_of<OptionError>([&] { optim::default_rule(name); }), unknown_name(name));
  }
}

TEST(MakeTest, ABadLearningRateIsRejectedAsInTheConstructor) {
  EXPECT_EQ(message_of<OptionError>([] { optim::make("adam", {parameter({1})}, -1); }),
            "[adam] lr must be a finite number of at least 0, got -1");
}

using optim::OptionMap;

/// Returns the options of each update rule with their documented defaults.
const std::map<std::string, OptionMap>& documented() {
  static const std::map<std::string, OptionMap> all{
      {"sgd", {{"lr", 1e-2}, {"weight_decay", 0}}},
      {"momentum", {{"lr", 1e-2}, {"momentum", 0.9}, {"weight_decay", 0}}},
      {"nag", {{"lr", 1e-2}, {"momentum", 0.9}, {"weight_decay", 0}}},
      {"adagrad", {{"lr", 1e-2}, {"eps", 1e-10}, {"weight_decay", 0}}},
      {"rmsprop", {{"lr", 1e-3}, {"rho", 0.9}, {"eps", 1e-8}, {"weight_decay", 0}}},
      {"adam",
       {{"lr", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"eps", 1e-8}, {"weight_decay", 0}}},
      {"adamw",
       {{"lr", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"eps", 1e-8}, {"weight_decay", 1e-2}}},
      {"nadam",
       {{"lr", 2e-3},
        {"beta1", 0.9},
        {"beta2", 0.999},
        {"eps", 1e-8},
        {"weight_decay", 0},
        {"momentum_decay", 4e-3}}},
      {"adadelta", {{"lr", 1}, {"rho", 0.9}, {"eps", 1e-6}, {"weight_decay", 0}}},
      {"lion", {{"lr", 1e-4}, {"beta1", 0.9}, {"beta2", 0.99}, {"weight_decay", 0}}}};
  return all;
}

TEST(OptionMapTest, EveryUpdateRuleListsItsOptionsAndDefaults) {
  for (const auto& [name, options] : documented()) {
    EXPECT_EQ(optim::default_options(name), options) << name;
  }
  EXPECT_EQ(message_of<OptionError>([] { optim::default_options("adamax"); }),
            unknown_name("adamax"));
}

TEST(OptionMapTest, EveryOptionCanBeSetByName) {
  for (const auto& [name, options] : documented()) {
    for (const auto& [option, usual] : options) {
      const auto rule = optim::make(name, {parameter({1})}, OptionMap{{option, 0.625}});
      EXPECT_EQ(rule->name(), name);
      if (option == "lr") {
        EXPECT_EQ(rule->learning_rate(), 0.625) << name;
        continue;
      }
      EXPECT_EQ(rule->learning_rate(), options.at("lr")) << name << " " << option;
      // The description must differ only in this option.
      std::string expected = optim::make(name, {parameter({1})})->description();
      const std::string old = ", " + option + " ";
      const std::size_t begin = expected.find(old) + old.size();
      ASSERT_NE(expected.find(old), std::string::npos) << name << " " << option;
      expected.replace(begin, std::min(expected.find(',', begin), expected.size()) - begin,
                       "0.625");
      EXPECT_EQ(rule->description(), expected);
    }
  }
}

TEST(OptionMapTest, AcceptsAllOptionsAtOnceAndNone) {
  const auto adam = optim::make(
      "adam", {parameter({1})},
      OptionMap{
          {"lr", 0.5}, {"beta1", 0.25}, {"beta2", 0.75}, {"eps", 0.125}, {"weight_decay", 2}});
  EXPECT_EQ(adam->learning_rate(), 0.5);
  EXPECT_EQ(adam->description(), "adam, beta1 0.25, beta2 0.75, eps 0.125, weight_decay 2");
  EXPECT_EQ(optim::make("adam", {parameter({1})}, OptionMap{})->description(),
            optim::Adam({parameter({1})}).description());
}

TEST(OptionMapTest, TheErrorForAnUnknownOptionListsTheKnownOptions) {
  const auto refusal = [](const std::string& name, const std::string& option) {
    return message_of<OptionError>([&] {
      optim::make(name, {parameter({1})}, OptionMap{{option, 0.5}});
    });
  };
  EXPECT_EQ(refusal("sgd", "momentum"),
            "[sgd] unknown option \"momentum\"; one of lr, weight_decay");
  EXPECT_EQ(refusal("adam", "Beta1"),
            "[adam] unknown option \"Beta1\"; one of beta1, beta2, eps, lr, weight_decay");
  EXPECT_EQ(refusal("rmsprop", ""),
            "[rmsprop] unknown option \"\"; one of eps, lr, rho, weight_decay");
}

TEST(OptionMapTest, ABadValueIsRejectedAsInTheConstructor) {
  for (const auto& [name, options] : documented()) {
    for (const auto& [option, usual] : options) {
      const bool is_fraction =
          option == "momentum" || option == "rho" || option.starts_with("beta");
      const std::string words = is_fraction       ? "in [0, 1)"
                                : option == "eps" ? "a positive finite number"
                                                  : "a finite number of at least 0";
      for (const BadNumber bad : {BadNumber{-1, "-1"}, {kNaN, "nan"}, {kInf, "inf"}}) {
        EXPECT_EQ(message_of<OptionError>([&, rule = name, key = option] {
                    optim::make(rule, {parameter({1})}, OptionMap{{key, bad.value}});
                  }),
                  "[" + name + "] " + option + " must be " + words + ", got " + bad.printed);
      }
    }
  }
}

TEST(DefaultsTest, DefaultsAreTheDocumentedOnes) {
  EXPECT_EQ(optim::SGDOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::MomentumOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::NAGOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::AdaGradOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::RMSPropOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::AdamOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::AdamWOptions{}.weight_decay, 1e-2);
  EXPECT_EQ(optim::NAdamOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::AdadeltaOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::LionOptions{}.weight_decay, 0);
  EXPECT_EQ(optim::MomentumOptions{}.momentum, 0.9);
  EXPECT_EQ(optim::NAGOptions{}.momentum, 0.9);
  EXPECT_EQ(optim::AdaGradOptions{}.eps, 1e-10);
  EXPECT_EQ(optim::RMSPropOptions{}.rho, 0.9);
  EXPECT_EQ(optim::RMSPropOptions{}.eps, 1e-8);
  EXPECT_EQ(optim::AdamOptions{}.beta1, 0.9);
  EXPECT_EQ(optim::AdamOptions{}.beta2, 0.999);
  EXPECT_EQ(optim::AdamOptions{}.eps, 1e-8);
  EXPECT_EQ(optim::AdamWOptions{}.beta1, 0.9);
  EXPECT_EQ(optim::AdamWOptions{}.beta2, 0.999);
  EXPECT_EQ(optim::AdamWOptions{}.eps, 1e-8);
  EXPECT_EQ(optim::NAdamOptions{}.beta1, 0.9);
  EXPECT_EQ(optim::NAdamOptions{}.beta2, 0.999);
  EXPECT_EQ(optim::NAdamOptions{}.eps, 1e-8);
  EXPECT_EQ(optim::NAdamOptions{}.momentum_decay, 4e-3);
  EXPECT_EQ(optim::AdadeltaOptions{}.rho, 0.9);
  EXPECT_EQ(optim::AdadeltaOptions{}.eps, 1e-6);
  EXPECT_EQ(optim::LionOptions{}.beta1, 0.9);
  EXPECT_EQ(optim::LionOptions{}.beta2, 0.99);
}

// Creates an update rule with one invalid option and returns the error message.
template <class Rule, class Options>
std::string refusal(double Options::*option, double value) {
  Options options;
  options.*option = value;
  return message_of<OptionError>([&] { Rule({parameter({1})}, options); });
}

TEST(FractionTest, MomentaAndDecayRatesMustBeBelowOne) {
  using namespace optim;
  for (const BadNumber bad : {BadNumber{1, "1"}, {-0.1, "-0.1"}, {kNaN, "nan"}, {kInf, "inf"}}) {
    const std::string words = std::string(" must be in [0, 1), got ") + bad.printed;
    EXPECT_EQ((refusal<Momentum>(&MomentumOptions::momentum, bad.value)),
              "[momentum] momentum" + words);
    EXPECT_EQ((refusal<NAG>(&NAGOptions::momentum, bad.value)), "[nag] momentum" + words);
    EXPECT_EQ((refusal<RMSProp>(&RMSPropOptions::rho, bad.value)), "[rmsprop] rho" + words);
    EXPECT_EQ((refusal<Adam>(&AdamOptions::beta1, bad.value)), "[adam] beta1" + words);
    EXPECT_EQ((refusal<Adam>(&AdamOptions::beta2, bad.value)), "[adam] beta2" + words);
    EXPECT_EQ((refusal<AdamW>(&AdamWOptions::beta1, bad.value)), "[adamw] beta1" + words);
    EXPECT_EQ((refusal<NAdam>(&NAdamOptions::beta2, bad.value)), "[nadam] beta2" + words);
    EXPECT_EQ((refusal<Adadelta>(&AdadeltaOptions::rho, bad.value)), "[adadelta] rho" + words);
    EXPECT_EQ((refusal<Lion>(&LionOptions::beta2, bad.value)), "[lion] beta2" + words);
  }
}

TEST(EpsilonTest, EpsMustBePositive) {
  using namespace optim;
  for (const BadNumber bad : {BadNumber{0, "0"},
                              {-1e-8, "-1e-08"},
                              {kNaN, "nan"},
                              {kInf, "inf"},
                              {1e-50, "1e-50, which is 0 in float"}}) {
    const std::string words =
        std::string(" eps must be a positive finite number, got ") + bad.printed;
    EXPECT_EQ((refusal<AdaGrad>(&AdaGradOptions::eps, bad.value)), "[adagrad]" + words);
    EXPECT_EQ((refusal<RMSProp>(&RMSPropOptions::eps, bad.value)), "[rmsprop]" + words);
    EXPECT_EQ((refusal<Adam>(&AdamOptions::eps, bad.value)), "[adam]" + words);
    EXPECT_EQ((refusal<AdamW>(&AdamWOptions::eps, bad.value)), "[adamw]" + words);
    EXPECT_EQ((refusal<NAdam>(&NAdamOptions::eps, bad.value)), "[nadam]" + words);
    EXPECT_EQ((refusal<Adadelta>(&AdadeltaOptions::eps, bad.value)), "[adadelta]" + words);
  }
}

TEST(DescriptionTest, ListsEveryOptionExactlyExceptTheLearningRate) {
  const Tensor p = parameter({1});
  EXPECT_EQ(optim::SGD({p}).description(), "sgd, weight_decay 0");
  EXPECT_EQ(optim::Momentum({p}).description(), "momentum, momentum 0.9, weight_decay 0");
  EXPECT_EQ(optim::NAG({p}).description(), "nag, momentum 0.9, weight_decay 0");
  EXPECT_EQ(optim::AdaGrad({p}).description(), "adagrad, eps 1e-10, weight_decay 0");
  EXPECT_EQ(optim::RMSProp({p}).description(), "rmsprop, rho 0.9, eps 1e-08, weight_decay 0");
  EXPECT_EQ(optim::Adam({p}, {.beta1 = 0.1 + 0.2, .weight_decay = 0.5}).description(),
            "adam, beta1 0.30000000000000004, beta2 0.999, eps 1e-08, weight_decay 0.5");
  EXPECT_EQ(optim::AdamW({p}).description(),
            "adamw, beta1 0.9, beta2 0.999, eps 1e-08, weight_decay 0.01");
  EXPECT_EQ(optim::NAdam({p}).description(),
            "nadam, beta1 0.9, beta2 0.999, eps 1e-08, weight_decay 0, momentum_decay 0.004");
  EXPECT_EQ(optim::Adadelta({p}).description(), "adadelta, rho 0.9, eps 1e-06, weight_decay 0");
  EXPECT_EQ(optim::Lion({p}).description(), "lion, beta1 0.9, beta2 0.99, weight_decay 0");
}

TEST(ResumeTest, RestoresTheStepCountTheLearningRateAndTheMode) {
  optim::NAG nag({parameter({1})});
  nag.resume(7, 0.25, true);
  EXPECT_EQ(nag.step_count(), 7u);
  EXPECT_EQ(nag.learning_rate(), 0.25);
  EXPECT_TRUE(nag.is_evaluating());
  EXPECT_THROW(nag.resume(8, -1, false), OptionError);
  EXPECT_EQ(nag.step_count(), 7u);
  EXPECT_TRUE(nag.is_evaluating());
}

TEST(MoveTest, AMovedOptimizerKeepsItsState) {
  const Tensor p = parameter({1}), q = parameter({1});
  optim::Adam stays({p});
  optim::Adam first({q});
  give_gradient(p, 1);
  give_gradient(q, 1);
  stays.step();
  first.step();
  optim::Adam second = std::move(first);
  stays.step();
  second.step();
  EXPECT_EQ(second.step_count(), 2u);
  EXPECT_TRUE(same_bits(p.value(), q.value()));
}

}  // namespace
}  // namespace xgrad::test
