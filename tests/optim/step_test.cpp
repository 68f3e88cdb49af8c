// SPDX-License-Identifier: MIT
// Properties of Optimizer::step() that hold for all update rules, and tests of single rules.
#include "rules.hpp"

#include <xgrad/core/rng.hpp>
#include <xgrad/core/threads.hpp>

#include <cmath>

namespace xgrad::test {
namespace {

using optim::Optimizer;

class StepTest : public ::testing::TestWithParam<Rule> {
 protected:
  static auto optimizer(std::vector<Tensor> parameters, double weight_decay = 0) {
    return GetParam().make(std::move(parameters), 0.05, weight_decay);
  }
};

TEST_P(StepTest, DoesNotChangeTheGradients) {
  Rng rng(1);
  const Tensor a(rng.normal({3, 7}), true), b(rng.normal({5}), true);
  const Array ga = rng.normal({3, 7}), gb = rng.normal({5});
  const auto rule = optimizer({a, b}, 0.1);
  give_gradient(a, ga);
  give_gradient(b, gb);
  for (int step = 0; step < 3; ++step) rule->step();
  EXPECT_TRUE(same_bits(a.grad(), ga));
  EXPECT_TRUE(same_bits(b.grad(), gb));
}

// The gradient of one sample is kept as an outer product, which step() reads row by row. On two
// threads, a chunk begins in the middle of a row. Calling grad() first computes the matrix.
TEST_P(StepTest, ReadingAGradientFirstChangesNoBitOfTheStep) {
  const int threads = num_threads();
  for (const int count : {1, 2}) {
    set_num_threads(count);
    Rng rng(1);
    const std::size_t rows = 1451, cols = 1447;  // 2^20 elements for each thread
    const Array start = rng.normal({rows, cols});
    const Tensor x(rng.normal({1, cols})), bias(rng.normal({rows}));
    const Tensor looked_at(start, true), left_alone(start, true);
    const auto one = optimizer({looked_at}, 0.1), other = optimizer({left_alone}, 0.1);
    for (int step = 0; step < 2; ++step) {
      const Array cotangent = rng.normal({1, rows});
      for (const auto& rule : {one.get(), other.get()}) rule->zero_grad();
      linear(x, looked_at, bias).backward(cotangent);
      linear(x, left_alone, bias).backward(cotangent);
      EXPECT_EQ(looked_at.grad().size(), start.size());
      one->step();
      other->step();
    }
    EXPECT_TRUE(same_bits(looked_at.value(), left_alone.value()));
    EXPECT_TRUE(same_bits(looked_at.grad(), left_alone.grad()));
  }
  set_num_threads(threads);
}

TEST_P(StepTest, MovesAgainstTheGradient) {
  const Tensor p = parameter({1, -1, 0.5});
  const auto rule = optimizer({p});
  give_gradient(p, Array{2, -3, 0});
  rule->step();
  EXPECT_LT(p.value()(0), 1);
  EXPECT_GT(p.value()(1), -1);
  EXPECT_EQ(p.value()(2), Scalar{0.5});
}

TEST_P(StepTest, SkipsAParameterWithoutAGradient) {
  const Tensor used = parameter({1, 2}), unused = parameter({3, -4});
  const auto rule = optimizer({used, unused}, 0.5);
  give_gradient(used, 1);
  rule->step();
  EXPECT_NE(used.value()(0), 1);
  EXPECT_TRUE(same_bits(unused.value(), Array{3, -4}));
}

TEST_P(StepTest, SkipsAParameterWhoseGradientWasCleared) {
  const Tensor p = parameter({1, 2});
  const auto rule = optimizer({p}, 0.5);
  give_gradient(p, 1);
  rule->step();
  const Array before = p.value();
  rule->zero_grad();
  EXPECT_FALSE(p.has_grad());
  rule->step();
  EXPECT_TRUE(same_bits(p.value(), before));
}

TEST_P(StepTest, StepCountCountsCallsOfStep) {
  const Tensor a = parameter({1}), b = parameter({2, 3}), c = parameter({4});
  const auto rule = optimizer({a, b, c});
  EXPECT_EQ(rule->step_count(), 0u);
  rule->step();  // no gradient anywhere
  EXPECT_EQ(rule->step_count(), 1u);
  give_gradient(a, 1);
  give_gradient(b, 1);
  rule->step();
  EXPECT_EQ(rule->step_count(), 2u);
  rule->zero_grad();
  EXPECT_EQ(rule->step_count(), 2u);
}

TEST_P(StepTest, InvalidatesRecordedGraphs) {
  const Tensor p = parameter({1, 2}), unused = parameter({3});
  const auto rule = optimizer({p, unused});
  const Tensor stale = sum(p * p), valid = sum(unused * unused);
  give_gradient(p, Array{1, 1});
  rule->step();
  const std::string message = message_of<Error>([&] { stale.backward(); });
  EXPECT_NE(message.find("overwritten"), std::string::npos) << message;
  EXPECT_TRUE(same_bits(p.grad(), Array{1, 1}));
  valid.backward();
  EXPECT_TRUE(same_bits(unused.grad(), Array{6}));
}

TEST_P(StepTest, WritesInPlaceSoThatEveryHandleSeesTheNewValues) {
  const Tensor p = parameter({1, 2});
  const Tensor handle = p;
  const Scalar* const memory = p.value().data();
  const auto rule = optimizer({p});
  give_gradient(p, 1);
  rule->step();
  EXPECT_EQ(p.value().data(), memory);
  EXPECT_TRUE(same_bits(handle.value(), p.value()));
}

TEST_P(StepTest, ZeroGradClearsTheGradientOfEveryParameter) {
  const Tensor a = parameter({1}), b = parameter({2});
  const auto rule = optimizer({a, b});
  give_gradient(a, 1);
  give_gradient(b, 1);
  rule->zero_grad();
  EXPECT_FALSE(a.has_grad());
  EXPECT_FALSE(b.has_grad());
}

TEST_P(StepTest, TheResultForAnElementDoesNotDependOnItsPositionOrOnThreads) {
  // Large enough for several threads. The last register is not full.
  constexpr std::size_t n = 100'003;
  const int threads = num_threads();
  for (const int count : {1, 2}) {
    set_num_threads(count);
    const Tensor many(full({n}, Scalar{0.7F}), true), one(full({1}, Scalar{0.7F}), true);
    const auto rule = optimizer({many, one}, 0.1);
    for (const double g : {0.3, -1.7, 0.9}) {
      give_gradient(many, g);
      give_gradient(one, g);
      rule->step();
    }
    EXPECT_TRUE(same_bits(many.value(), full({n}, one.item()))) << count << " threads";
  }
  set_num_threads(threads);
}

INSTANTIATE_TEST_SUITE_P(Rules, StepTest, ::testing::ValuesIn(kRules), rule_name);

// Tests of the state of all update rules, except for those that use the step count, which is common
// to all parameters.
class StateTest : public StepTest {};

TEST_P(StateTest, TheStateIsZeroBeforeTheFirstGradient) {
  const Tensor other = parameter({1}), late = parameter({1, -2}), fresh = parameter({1, -2});
  const auto rule = optimizer({other, late}), reference = optimizer({fresh});
  give_gradient(other, 1);
  for (int step = 0; step < 4; ++step) rule->step();
  for (int step = 0; step < 3; ++step) {
    give_gradient(late, Array{0.5, 0.25});
    give_gradient(fresh, Array{0.5, 0.25});
    rule->step();
    reference->step();
  }
  EXPECT_TRUE(same_bits(late.value(), fresh.value()));
}

TEST_P(StateTest, TheStateDoesNotChangeWithoutAGradient) {
  const Tensor pausing = parameter({1, -2}), steady = parameter({1, -2});
  const auto rule = optimizer({pausing}), reference = optimizer({steady});
  for (const double g : {0.5, 2.0, -0.25}) {
    give_gradient(pausing, g);
    give_gradient(steady, g);
    rule->step();
    reference->step();
    rule->zero_grad();
    rule->step();
  }
  EXPECT_TRUE(same_bits(pausing.value(), steady.value()));
}

std::vector<Rule> rules_without_step_count() {
  std::vector<Rule> rules = kRules;
  std::erase_if(rules, [](const Rule& rule) {
    return optim::formula(rule.name).find("ᵗ") != std::string::npos;
  });
  return rules;
}
INSTANTIATE_TEST_SUITE_P(Rules, StateTest, ::testing::ValuesIn(rules_without_step_count()),
                         rule_name);

// ---- Tests of single update rules

TEST(AdamTest, TheBiasCorrectionCountsStepsNotParameters) {
  const Tensor alone = parameter({1});
  const Tensor a(ones({2, 3}), true), b(ones({4}), true), c(ones({1, 1, 5}), true);
  optim::Adam single({alone}), joint({a, b, c});
  for (const double g : {0.5, -1.0, 0.25, 3.0}) {
    for (const Tensor& p : {alone, a, b, c}) give_gradient(p, g);
    single.step();
    joint.step();
    for (const Tensor& p : {a, b, c}) {
      EXPECT_TRUE(same_bits(p.value(), full(p.shape(), alone.item())));
    }
  }
}

TEST(AdamTest, AParameterWithALateFirstGradientUsesTheCommonStepCount) {
  const Tensor other = parameter({0}), late = parameter({0});
  optim::Adam adam({other, late}, {.lr = 0.5});
  give_gradient(other, 1);
  for (int step = 0; step < 9; ++step) adam.step();
  give_gradient(late, 1);
  adam.step();
  const double m_hat = 0.1 / (1 - std::pow(0.9, 10)), v_hat = 0.001 / (1 - std::pow(0.999, 10));
  EXPECT_NEAR(late.item(), -0.5 * m_hat / std::sqrt(v_hat), 1e-6);
}

// Returns the length of the first step with gradient g. theta must be 0, so that nothing is lost by
// rounding.
double first_step(Optimizer& rule, const Tensor& theta, double g) {
  give_gradient(theta, g);
  rule.step();
  return -static_cast<double>(theta.item());
}

TEST(EpsilonTest, AdamAddsEpsOutsideTheRoot) {
  const Tensor theta = parameter({0});
  optim::Adam adam({theta}, {.lr = 1, .eps = 1e-8});
  // The step would be 1e-4 with eps inside the root, and 3e-2 with eps added before the bias
  // correction.
  EXPECT_NEAR(first_step(adam, theta, 1e-8), 0.5, 1e-5);
}

TEST(EpsilonTest, RMSPropAddsEpsOutsideTheRoot) {
  const Tensor theta = parameter({0});
  optim::RMSProp rmsprop({theta}, {.lr = 1, .eps = 1e-8});
  EXPECT_NEAR(first_step(rmsprop, theta, 1e-8), 1 / (1 + std::sqrt(0.1)), 1e-5);
}

TEST(EpsilonTest, AdaGradAddsEpsOutsideTheRoot) {
  const Tensor theta = parameter({0});
  optim::AdaGrad adagrad({theta}, {.lr = 1, .eps = 1e-8});
  EXPECT_NEAR(first_step(adagrad, theta, 1e-8), 0.5, 1e-5);
}

TEST(EpsilonTest, AdamWAndNAdamAddEpsOutsideTheRoot) {
  const Tensor a = parameter({0}), b = parameter({0});
  optim::AdamW adamw({a}, {.lr = 1, .eps = 1e-8});
  optim::NAdam nadam({b}, {.lr = 1, .beta1 = 0, .eps = 1e-8});
  EXPECT_NEAR(first_step(adamw, a, 1e-8), 0.5, 1e-5);
  EXPECT_NEAR(first_step(nadam, b, 1e-8), 0.5, 1e-5);
}

TEST(EpsilonTest, AdadeltaAddsEpsInsideBothRoots) {
  const Tensor theta = parameter({0});
  optim::Adadelta adadelta({theta}, {.eps = 1e-6});
  // g sqrt(eps) / sqrt(0.1 g^2 + eps) with g = 1e-3
  EXPECT_NEAR(first_step(adadelta, theta, 1e-3), 1e-3 / std::sqrt(1.1), 1e-8);
}

// All numbers of the following tests are exact in binary.

TEST(MomentumTest, ANewLearningRateDoesNotRescaleTheVelocity) {
  const Tensor theta = parameter({1});
  optim::Momentum momentum({theta}, {.lr = 0.25, .momentum = 0.5});
  give_gradient(theta, 1);
  momentum.step();  // v = 0.25
  EXPECT_EQ(theta.item(), Scalar{0.75});
  momentum.set_learning_rate(0.125);
  momentum.step();  // v = 0.125 + 0.125; the step of PyTorch would be 0.1875
  EXPECT_EQ(theta.item(), Scalar{0.5});
}

TEST(NAGTest, ANewLearningRateDoesNotRescaleTheVelocity) {
  const Tensor theta = parameter({1});
  optim::NAG nag({theta}, {.lr = 0.25, .momentum = 0.5});
  give_gradient(theta, 1);
  nag.step();
  nag.set_learning_rate(0.125);
  nag.step();
  nag.eval();
  EXPECT_EQ(theta.item(), Scalar{0.5});
}

TEST(MomentumTest, WithAMomentumOfZeroMomentumAndNAGEqualSGD) {
  const Tensor a = parameter({1}), b = parameter({1}), c = parameter({1});
  optim::SGD sgd({a}, {.lr = 0.25});
  optim::Momentum momentum({b}, {.lr = 0.25, .momentum = 0});
  optim::NAG nag({c}, {.lr = 0.25, .momentum = 0});
  for (const double g : {1.0, -0.5, 2.0}) {
    for (const Tensor& p : {a, b, c}) give_gradient(p, g);
    for (Optimizer* rule : std::vector<Optimizer*>{&sgd, &momentum, &nag}) rule->step();
  }
  EXPECT_EQ(a.item(), Scalar{0.375});
  EXPECT_EQ(b.item(), a.item());
  EXPECT_EQ(c.item(), a.item());
}

TEST(LionTest, EveryElementMovesByTheLearningRate) {
  const Tensor theta = parameter({1, 1, 1, 1});
  optim::Lion lion({theta}, {.lr = 0.25, .beta1 = 0.5, .beta2 = 0.75});
  give_gradient(theta, Array{1e-6F, -100, 0, 3});
  lion.step();  // m = g / 4
  EXPECT_TRUE(same_bits(theta.value(), Array{0.75, 1.25, 1, 0.75}));
  // The sign is that of 0.5 m + 0.5 g: the new gradient counts four times as much as the old one.
  give_gradient(theta, Array{-1e-6F, 20, 0, -0.5});
  lion.step();
  EXPECT_TRUE(same_bits(theta.value(), Array{1, 1.5, 1, 0.5}));
}

TEST(LionTest, TheWeightDecayIsDecoupled) {
  const Tensor theta = parameter({4});
  optim::Lion lion({theta}, {.lr = 0.5, .weight_decay = 0.25});
  EXPECT_EQ(-first_step(lion, theta, 1e-6), 4 - 0.5 * (1 + 0.25 * 4));
}

TEST(AdamWTest, TheWeightDecayIsDecoupled) {
  const Tensor theta = parameter({4});
  optim::AdamW adamw({theta}, {.lr = 0.5, .weight_decay = 0.25});
  EXPECT_EQ(-first_step(adamw, theta, 0), 4 - 0.5 * 0.25 * 4);
}

TEST(SGDTest, WeightDecayPullsParametersTowardsZero) {
  const Tensor theta = parameter({4});
  optim::SGD sgd({theta}, {.lr = 0.5, .weight_decay = 0.25});
  give_gradient(theta, 1);
  sgd.step();
  EXPECT_EQ(theta.item(), 4 - Scalar{0.5} * (1 + Scalar{0.25} * 4));
}

}  // namespace
}  // namespace xgrad::test
