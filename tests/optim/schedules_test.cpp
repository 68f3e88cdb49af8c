// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include <cmath>
#include <limits>

namespace xgrad::test {
namespace {

using namespace optim;

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

TEST(ConstantTest, TheRateIsTheSameAtEveryStep) {
  const Schedule schedule = constant(0.3);
  for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, kLast}) {
    EXPECT_EQ(schedule(step), 0.3);
  }
}

TEST(StepDecayTest, TheRateFallsAtEveryMultipleOfThePeriod) {
  const Schedule schedule = step_decay(8, 10, 0.5);
  EXPECT_EQ(schedule(0), 8);
  EXPECT_EQ(schedule(9), 8);
  EXPECT_EQ(schedule(10), 4);
  EXPECT_EQ(schedule(19), 4);
  EXPECT_EQ(schedule(20), 2);
  EXPECT_EQ(schedule(39), 1);
  EXPECT_DOUBLE_EQ(step_decay(1, 5)(10), 0.01) << "the default factor is 0.1";
}

TEST(ExponentialTest, TheRateFallsAtEveryStep) {
  const Schedule schedule = exponential(8, 0.5);
  EXPECT_EQ(schedule(0), 8);
  EXPECT_EQ(schedule(1), 4);
  EXPECT_EQ(schedule(5), 0.25);
  EXPECT_EQ(exponential(8, 1)(1000), 8);
  EXPECT_DOUBLE_EQ(exponential(0.1, 0.99)(100), 0.1 * std::pow(0.99, 100));
}

TEST(CosineTest, TheRateFallsToTheFloorAlongHalfACosine) {
  const Schedule schedule = cosine(1, 100, 0.2);
  EXPECT_EQ(schedule(0), 1);
  EXPECT_NEAR(schedule(25), 0.2 + 0.8 * (1 + std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_NEAR(schedule(50), 0.6, 1e-15);
  EXPECT_NEAR(schedule(75), 0.2 + 0.8 * (1 - std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_GT(schedule(99), 0.2);
  EXPECT_EQ(schedule(100), 0.2);
  EXPECT_EQ(schedule(kLast), 0.2);
  for (std::uint64_t step = 0; step < 100; ++step) EXPECT_GT(schedule(step), schedule(step + 1));
}

TEST(CosineTest, WithoutAFloorTheRateEndsAtZero) {
  EXPECT_EQ(cosine(1, 10)(10), 0);
  EXPECT_GT(cosine(1, 10)(9), 0);
}

TEST(LinearWarmupTest, TheRateRisesLinearlyAndThenFollowsTheGivenSchedule) {
  const Schedule schedule = linear_warmup(4, exponential(8, 0.5));
  EXPECT_EQ(schedule(0), 2);
  EXPECT_EQ(schedule(1), 4);
  EXPECT_EQ(schedule(2), 6);
  EXPECT_EQ(schedule(3), 8);
  EXPECT_EQ(schedule(4), 8);  // step 0 of the exponential schedule
  EXPECT_EQ(schedule(5), 4);
  EXPECT_EQ(schedule(6), 2);
}

TEST(LinearWarmupTest, CopiesTheGivenSchedule) {
  Schedule schedule;
  {
    const Schedule after = cosine(1, 100);
    schedule = linear_warmup(10, after);
  }
  EXPECT_EQ(schedule(9), 1);
  EXPECT_NEAR(schedule(60), 0.5, 1e-15);
}

TEST(ScheduleTest, RatesMustBeFiniteAndNotNegative) {
  const std::string words = "lr must be a finite number of at least 0, got ";
  for (const auto& [lr, printed] : std::vector<std::pair<double, std::string>>{
           {-1, "-1"}, {kNaN, "nan"}, {kInf, "inf"}, {1e39, "1e+39, which is infinite in float"}}) {
    const double bad = lr;
    EXPECT_EQ(message_of<OptionError>([&] { constant(bad); }), "[constant] " + words + printed);
    EXPECT_EQ(message_of<OptionError>([&] { step_decay(bad, 1); }),
              "[step_decay] " + words + printed);
    EXPECT_EQ(message_of<OptionError>([&] { exponential(bad, 0.5); }),
              "[exponential] " + words + printed);
    EXPECT_EQ(message_of<OptionError>([&] { cosine(bad, 1); }), "[cosine] " + words + printed);
  }
}

TEST(ScheduleTest, FactorsMustBeAboveZeroAndAtMostOne) {
  for (const auto& [factor, printed] : std::vector<std::pair<double, std::string>>{
           {0, "0"}, {-0.5, "-0.5"}, {1.5, "1.5"}, {kNaN, "nan"}, {kInf, "inf"}}) {
    const double bad = factor;
    EXPECT_EQ(message_of<OptionError>([&] { step_decay(1, 1, bad); }),
              "[step_decay] factor must be in (0, 1], got " + printed);
    EXPECT_EQ(message_of<OptionError>([&] { exponential(1, bad); }),
              "[exponential] factor must be in (0, 1], got " + printed);
  }
}

TEST(ScheduleTest, PeriodsMustNotBeZero) {
  EXPECT_EQ(message_of<OptionError>([] { step_decay(1, 0); }),
            "[step_decay] every must be a positive finite number, got 0");
  EXPECT_EQ(message_of<OptionError>([] { cosine(1, 0); }),
            "[cosine] steps must be a positive finite number, got 0");
  EXPECT_EQ(message_of<OptionError>([] { linear_warmup(0, constant(1)); }),
            "[linear_warmup] steps must be a positive finite number, got 0");
}

TEST(ScheduleTest, TheFloorMustBeFiniteAndNotNegative) {
  for (const auto& [floor, printed] :
       std::vector<std::pair<double, std::string>>{{-0.1, "-0.1"}, {kNaN, "nan"}, {kInf, "inf"}}) {
    const double bad = floor;
    EXPECT_EQ(message_of<OptionError>([&] { cosine(1, 10, bad); }),
              "[cosine] floor must be a finite number of at least 0, got " + printed);
  }
}

TEST(ScheduleTest, AnOptimizerAcceptsEveryRateOfAMillionSteps) {
  constexpr auto largest = static_cast<double>(std::numeric_limits<Scalar>::max());
  SGD sgd({parameter({8})});
  for (const double lr : {0.0, 1e-300, 0.1, largest}) {
    for (const Schedule& after :
         {constant(lr), step_decay(lr, 7), step_decay(lr, 1, 1e-300), exponential(lr, 0.9),
          exponential(lr, 1e-300), exponential(lr, 1), cosine(lr, 1000), cosine(lr, 999'999),
          cosine(lr, kLast, lr), cosine(lr, 10, lr / 3)}) {
      for (const Schedule& schedule : {after, linear_warmup(1, after), linear_warmup(5000, after),
                                       linear_warmup(kLast, after)}) {
        for (std::uint64_t step = 0; step <= 1'000'000; step += step < 5'000 ? 1 : 997) {
          ASSERT_NO_THROW(sgd.set_learning_rate(schedule(step))) << lr << ", step " << step;
        }
        ASSERT_NO_THROW(sgd.set_learning_rate(schedule(1'000'000)));
        ASSERT_NO_THROW(sgd.set_learning_rate(schedule(kLast)));
      }
    }
  }
}

TEST(ScheduleTest, TrainingContinuesIfTheRateIsZeroInScalar) {
  const Tensor theta = parameter({8});
  SGD sgd({theta});
  const Schedule schedule = exponential(0.1, 0.9);
  give_gradient(theta, 1);
  for (int step = 0; step < 8000; ++step) {
    sgd.set_learning_rate(schedule(sgd.step_count()));
    sgd.step();
  }
  EXPECT_EQ(sgd.learning_rate(), 0);
  EXPECT_NEAR(theta.item(), 7, 1e-5);  // 8 - 0.1 / (1 - 0.9)
}

TEST(ScheduleTest, SetsTheLearningRateFromTheStepCount) {
  const Tensor theta = parameter({8});
  SGD sgd({theta});
  const Schedule schedule = linear_warmup(2, step_decay(1, 2, 0.5));
  give_gradient(theta, 1);
  double travelled = 0;
  for (const double rate : {0.5, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25}) {
    sgd.set_learning_rate(schedule(sgd.step_count()));
    EXPECT_EQ(sgd.learning_rate(), rate);
    sgd.step();
    travelled += rate;
  }
  EXPECT_EQ(theta.item(), static_cast<Scalar>(8 - travelled));
}

TEST(AdamTest, TheBiasCorrectionDoesNotMakeAHighRateInfinite) {
  const Tensor p = parameter({0, 0});
  optim::Adam adam({p}, {.lr = 1e38});  // 1e38 / (1 - 0.9) is infinite in float
  give_gradient(p, Array{1, -2});
  adam.step();
  EXPECT_NEAR(p.value()(0), -1e38, 1e32);
  EXPECT_NEAR(p.value()(1), 1e38, 1e32);
}

TEST(MomentumTest, WithALearningRateOfZeroTheOldVelocityStillMovesTheParameter) {
  const Tensor p = parameter({8}), q = parameter({8});
  optim::Momentum momentum({p}, {.lr = 1, .momentum = 0.5});
  optim::NAG nag({q}, {.lr = 1, .momentum = 0.5});
  give_gradient(p, 2);
  give_gradient(q, 2);
  momentum.step();  // v = 2, theta = 6
  nag.step();
  momentum.set_learning_rate(0);
  nag.set_learning_rate(0);
  momentum.step();  // v = 1, theta = 5
  nag.step();
  nag.eval();
  EXPECT_EQ(p.item(), 5);
  EXPECT_EQ(q.item(), 5);
}

}  // namespace
}  // namespace xgrad::test
