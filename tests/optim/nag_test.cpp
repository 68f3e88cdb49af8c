// SPDX-License-Identifier: MIT
// Tests eval() and train(). In NAG they switch between the look-ahead point and theta; in the other
// update rules they do nothing.
#include "rules.hpp"

#include <xgrad/core/rng.hpp>

#include <string>

namespace xgrad::test {
namespace {

constexpr const char* kStepInEvaluation =
    "[nag] step() needs training mode: in evaluation mode the parameters contain theta, not the "
    "look-ahead point; call train() first";

// Two parameters after a few steps, with numbers whose sums are rounded.
struct Training {
  Rng rng{7};
  Tensor a{rng.normal({300}), true};
  Tensor b{rng.normal({5, 7}), true};
  optim::NAG nag{{a, b}, {.lr = 0.1, .momentum = 0.7}};

  explicit Training(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  void step() {
    give_gradient(a, rng.normal(a.shape()));
    give_gradient(b, rng.normal(b.shape()));
    nag.step();
  }
};

TEST(NAGTest, ParametersAreTheLookAheadPointAndThetaInEvaluationMode) {
  const Tensor p = parameter({1});
  optim::NAG nag({p}, {.lr = 0.25, .momentum = 0.5});
  give_gradient(p, 1);
  nag.step();  // v = 0.25, theta = 0.75, y = theta - 0.5 v
  EXPECT_EQ(p.item(), Scalar{0.625});
  nag.eval();
  EXPECT_EQ(p.item(), Scalar{0.75});
  nag.train();
  EXPECT_EQ(p.item(), Scalar{0.625});
  nag.step();  // v = 0.125 + 0.25, theta = 0.75 - 0.375, y = theta - 0.1875
  EXPECT_EQ(p.item(), Scalar{0.1875});
  nag.eval();
  EXPECT_EQ(p.item(), Scalar{0.375});
}

TEST(NAGTest, TrainRestoresTheLookAheadPointBitForBit) {
  Training run(5);
  const Array a = run.a.value(), b = run.b.value();
  run.nag.eval();
  EXPECT_FALSE(same_bits(run.a.value(), a));
  EXPECT_FALSE(same_bits(run.b.value(), b));
  run.nag.train();
  EXPECT_TRUE(same_bits(run.a.value(), a));
  EXPECT_TRUE(same_bits(run.b.value(), b));
}

TEST(NAGTest, RepeatedCallsOfEvalAndTrainDoNothing) {
  Training run(5);
  const Array look_ahead = run.a.value();
  run.nag.train();
  EXPECT_TRUE(same_bits(run.a.value(), look_ahead));
  run.nag.eval();
  const Array theta = run.a.value();
  run.nag.eval();
  EXPECT_TRUE(same_bits(run.a.value(), theta));
  run.nag.train();
  run.nag.train();
  EXPECT_TRUE(same_bits(run.a.value(), look_ahead));
}

TEST(NAGTest, EvaluationDuringTrainingChangesNoBit) {
  Training plain(12), evaluated(0);
  for (int i = 0; i < 12; ++i) {
    evaluated.nag.eval();
    evaluated.nag.train();
    evaluated.step();
  }
  EXPECT_TRUE(same_bits(plain.a.value(), evaluated.a.value()));
  EXPECT_TRUE(same_bits(plain.b.value(), evaluated.b.value()));
}

TEST(NAGTest, StepInEvaluationModeThrowsAndChangesNothing) {
  Training run(3), untouched(3);
  run.nag.eval();
  const Array a = run.a.value(), b = run.b.value(), ga = run.a.grad();
  EXPECT_EQ(message_of<Error>([&] { run.nag.step(); }), kStepInEvaluation);
  EXPECT_TRUE(same_bits(run.a.value(), a));
  EXPECT_TRUE(same_bits(run.b.value(), b));
  EXPECT_TRUE(same_bits(run.a.grad(), ga));
  EXPECT_EQ(run.nag.step_count(), 3u);
  run.nag.train();
  run.step();
  untouched.step();
  EXPECT_TRUE(same_bits(run.a.value(), untouched.a.value()));
}

TEST(NAGTest, BeforeTheFirstStepThetaIsTheLookAheadPoint) {
  Training run(0);
  const Array a = run.a.value();
  run.nag.eval();
  EXPECT_TRUE(same_bits(run.a.value(), a));
  EXPECT_EQ(message_of<Error>([&] { run.step(); }), kStepInEvaluation);
  run.nag.train();
  EXPECT_TRUE(same_bits(run.a.value(), a));
  run.step();
  EXPECT_EQ(run.nag.step_count(), 1u);
}

TEST(NAGTest, EvalLeavesParametersThatNeverHadAGradient) {
  const Tensor used = parameter({1}), unused = parameter({2});
  optim::NAG nag({used, unused});
  give_gradient(used, 1);
  nag.step();
  nag.eval();
  EXPECT_EQ(unused.item(), 2);
  nag.train();
  EXPECT_EQ(unused.item(), 2);
}

TEST(NAGTest, ChangingTheModeInvalidatesRecordedGraphs) {
  Training run(1);
  const Tensor in_training = sum(run.a * run.a);
  run.nag.eval();
  EXPECT_THROW(in_training.backward(), Error);
  const Tensor in_evaluation = sum(run.a * run.a);
  run.nag.train();
  EXPECT_THROW(in_evaluation.backward(), Error);
}

TEST(NAGTest, TheStateContainsTheVelocityAndInEvaluationModeTheLookAheadPoint) {
  Training run(2);
  const auto states = run.nag.states();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].first, "velocity");
  EXPECT_EQ(states[1].first, "look_ahead");
  EXPECT_FALSE((*states[1].second)[0]);
  EXPECT_FALSE(run.nag.is_evaluating());
  const Array y = run.a.value();
  run.nag.eval();
  EXPECT_TRUE(run.nag.is_evaluating());
  EXPECT_TRUE(same_bits(*(*states[1].second)[0], y));
}

class EvaluationTest : public ::testing::TestWithParam<Rule> {};

TEST_P(EvaluationTest, EvalAndTrainDoNothingForOtherUpdateRules) {
  const Tensor p = parameter({1, 2}), twin = parameter({1, 2});
  const auto rule = GetParam().make({p}, 0.1, 0), reference = GetParam().make({twin}, 0.1, 0);
  for (const double g : {1.0, -2.0, 0.5}) {
    give_gradient(p, g);
    give_gradient(twin, g);
    const Array before = p.value();
    rule->eval();
    rule->eval();
    EXPECT_TRUE(same_bits(p.value(), before));
    rule->step();  // does not throw, because the parameters are the same in both modes
    rule->train();
    reference->step();
    EXPECT_TRUE(same_bits(p.value(), twin.value()));
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, EvaluationTest, ::testing::ValuesIn(rules_except({"nag"})),
                         rule_name);

}  // namespace
}  // namespace xgrad::test
