// SPDX-License-Identifier: MIT
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace xgrad {
namespace {

using test::message_of;

/// The largest magnitude, the mean and the variance of the elements of an array.
struct Spread {
  explicit Spread(const Array& values) {
    const auto n = static_cast<double>(values.size());
    double squares = 0;
    for (const double value : test::numbers(values)) {
      most = std::max(most, std::abs(value));
      mean += value / n;
      squares += value * value / n;
    }
    variance = squares - mean * mean;
  }
  double most = 0, mean = 0, variance = 0;
};

void expect_uniform(const Array& values, double limit) {
  const Spread spread(values);
  EXPECT_LE(spread.most, limit * (1 + 1e-6));
  EXPECT_GT(spread.most, 0.999 * limit);
  EXPECT_NEAR(spread.variance, limit * limit / 3, 0.03 * limit * limit / 3);
}

void expect_normal(const Array& values, double variance) {
  const Spread spread(values);
  EXPECT_NEAR(spread.mean, 0, 4 * std::sqrt(variance / static_cast<double>(values.size())));
  EXPECT_NEAR(spread.variance, variance, 0.03 * variance);
  EXPECT_GT(spread.most, 3.2 * std::sqrt(variance));
}

TEST(InitTest, DistributionsHaveTheSpreadOfTheirPapers) {
  Rng rng(8);
  const Shape shape{300, 100};  // (out, in)
  expect_uniform(nn::init::kaiming_uniform(shape, rng), std::sqrt(6.0 / 100));
  expect_uniform(nn::init::kaiming_uniform(shape, rng, std::sqrt(5.0)), 1 / std::sqrt(100.0));
  expect_normal(nn::init::kaiming_normal(shape, rng), 2.0 / 100);
  expect_normal(nn::init::kaiming_normal(shape, rng, 0.5), 2 / (1.25 * 100));
  expect_uniform(nn::init::xavier_uniform(shape, rng), std::sqrt(6.0 / 400));
  expect_uniform(nn::init::xavier_uniform(shape, rng, 2), 2 * std::sqrt(6.0 / 400));
  expect_normal(nn::init::xavier_normal(shape, rng), 2.0 / 400);
}

TEST(InitTest, TheFansOfAConvolutionCountTheElementsOfItsKernel) {
  Rng rng(9);
  const Shape shape{64, 32, 3, 5};  // fan_in 32 * 15, fan_out 64 * 15
  expect_uniform(nn::init::kaiming_uniform(shape, rng), std::sqrt(6.0 / 480));
  expect_normal(nn::init::xavier_normal(shape, rng), 2.0 / 1440);
}

TEST(InitTest, ATruncatedNormalStaysWithinTwoStandardDeviations) {
  Rng rng(10);
  const Array values = nn::init::truncated_normal({200, 200}, rng, 0, 0.5);
  const Spread spread(values);
  EXPECT_LE(spread.most, 1);
  EXPECT_GT(spread.most, 0.998);
  // The variance of a standard normal distribution that is cut at 2 and -2 is
  // 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737.
  EXPECT_NEAR(spread.variance, 0.7737 * 0.25, 0.005);
  EXPECT_NEAR(Spread(nn::init::truncated_normal({200, 200}, rng, 3, 0.5)).mean, 3, 0.01);
}

TEST(InitTest, AParameterIsWrittenInPlace) {
  Rng rng(1), same(1);
  nn::Linear layer(4, 3, rng);
  nn::Linear(4, 3, same);
  const Tensor weight = layer.weight;
  const auto expect_written = [&](const Array& expected) {
    EXPECT_TRUE(layer.weight.is_same(weight));
    EXPECT_TRUE(layer.parameters()[0].is_same(weight));
    EXPECT_EQ(weight.value(), expected);
    EXPECT_TRUE(weight.requires_grad());
  };
  nn::init::kaiming_uniform(layer.weight, rng);
  expect_written(nn::init::kaiming_uniform({3, 4}, same));
  nn::init::kaiming_normal(layer.weight, rng, 0.1);
  expect_written(nn::init::kaiming_normal({3, 4}, same, 0.1));
  nn::init::xavier_uniform(layer.weight, rng);
  expect_written(nn::init::xavier_uniform({3, 4}, same));
  nn::init::xavier_normal(layer.weight, rng, 2);
  expect_written(nn::init::xavier_normal({3, 4}, same, 2));
  nn::init::truncated_normal(layer.weight, rng, 0, 0.02);
  expect_written(nn::init::truncated_normal({3, 4}, same, 0, 0.02));
  nn::init::constant(layer.weight, 0.5);
  expect_written(full({3, 4}, Scalar(0.5)));
}

TEST(InitTest, AConstantAndABadShapeAreRejected) {
  Rng rng(2);
  nn::Linear layer(4, 3, rng, {.bias = false});
  EXPECT_EQ(message_of([&] { nn::init::constant(layer.bias, 1); }),
            "[Parameter] a constant must not be assigned to, because its module does not train or "
            "save it; make the layer with this parameter, for example with .bias = true");
  EXPECT_EQ(message_of<ShapeError>([&] { nn::init::kaiming_uniform({3}, rng); }),
            "[kaiming_uniform] the shape must be (out, in) or (out, in, height, width), got (3,)");
  EXPECT_EQ(message_of<ShapeError>([&] {
              nn::init::xavier_normal({3, 0}, rng);
            }),
            "[xavier_normal] the shape must be (out, in) or (out, in, height, width), got (3, 0)");
  EXPECT_EQ(message_of<OptionError>([&] { nn::init::truncated_normal({3}, rng, 0, -1); }),
            "[truncated_normal] stddev must be a finite number of at least 0, got -1");
}

}  // namespace
}  // namespace xgrad
