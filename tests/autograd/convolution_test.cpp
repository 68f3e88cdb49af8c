// SPDX-License-Identifier: MIT
// Errors, kinks and statistics of the ops of autograd/ops_conv.hpp.
#include <xgrad/autograd.hpp>
#include <xgrad/autograd/testing.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

namespace xgrad {
namespace {

using test::message_of;
using test::numbers;

const Tensor kImages(ones({2, 3, 8, 8}), true);
const Tensor kWeight(ones({4, 3, 5, 5}), true);
const Tensor kBias(ones({4}), true);

TEST(ConvolutionErrorTest, ShapesThatDoNotFitAreNamed) {
  const std::size_t before = live_tensors();
  EXPECT_EQ(message_of<ShapeError>([] {
              conv2d(kImages, Tensor(ones({4, 1, 5, 5})), kBias);
            }),
            "[conv2d] the images must be (n, in, height, width) and the weight (out, in, kh, kw), "
            "got (2, 3, 8, 8) and (4, 1, 5, 5)");
  EXPECT_EQ(message_of<ShapeError>([] { conv2d(kImages, kWeight, Tensor(ones({3}))); }),
            "[conv2d] the bias must have one element for each output channel: (3,) and "
            "(4, 3, 5, 5)");
  for (const Shape& empty : {Shape{4, 3, 0, 5}, Shape{4, 3, 5, 0}}) {
    EXPECT_EQ(message_of<ShapeError>([&] { conv2d(kImages, Tensor(ones(empty)), kBias); }),
              "[conv2d] the kernel must have at least one element: " + to_string(empty));
  }
  EXPECT_EQ(message_of<ShapeError>([] {
              conv2d(kImages, Tensor(ones({4, 3, 9, 11})), kBias, {.padding = {0, 1}});
            }),
            "[conv2d] the kernel must not be larger than the padded image: (9, 11) and "
            "(2, 3, 8, 8) with padding (0, 1)");
  EXPECT_EQ(message_of<ShapeError>([] {
              max_pool2d(kImages, {9, 2});
            }),
            "[max_pool2d] the kernel must not be larger than the padded image: (9, 2) and "
            "(2, 3, 8, 8) with padding (0, 0)");
  EXPECT_EQ(message_of<ShapeError>([] { avg_pool2d(kBias, 2); }),
            "[avg_pool2d] the images must be (n, channels, height, width), got (4,)");
  EXPECT_EQ(live_tensors(), before);
}

TEST(ConvolutionErrorTest, OptionsOutsideTheirRangesAreRefused) {
  EXPECT_EQ(message_of<OptionError>([] {
              conv2d(kImages, kWeight, kBias, {.stride = {1, 0}});
            }),
            "[conv2d] the stride must be from 1 to 2147483647, got (1, 0)");
  EXPECT_EQ(message_of<OptionError>([] { conv2d(kImages, kWeight, kBias, {.padding = -1}); }),
            "[conv2d] the padding must be from 0 to 2147483647, got (-1, -1)");
  EXPECT_EQ(message_of<OptionError>([] { max_pool2d(kImages, 2, {.stride = 0}); }),
            "[max_pool2d] the stride must be from 1 to 2147483647, got (0, 0)");
  EXPECT_EQ(message_of<OptionError>([] { avg_pool2d(kImages, 0); }),
            "[avg_pool2d] the kernel must be from 1 to 2147483647, got (0, 0)");
  EXPECT_EQ(message_of<OptionError>([] {
              max_pool2d(kImages, 3, {.padding = {1, 2}});
            }),
            "[max_pool2d] the padding must be at most half the kernel, got (1, 2) for the kernel "
            "(3, 3)");
  EXPECT_EQ(message_of<OptionError>([] { layer_norm(kBias, kBias, kBias, -1); }),
            "[layer_norm] eps must be a finite number of at least 0, got -1");
}

TEST(ConvolutionTest, ATensorOfTwoConvolutionsGetsTheSumOfTheirGradients) {
  const Tensor x(ones({1, 1, 2, 2}), true), weight(full({1, 1, 1, 1}, 3), true);
  const Tensor bias(ones({1}), true);
  (sum(conv2d(x, weight, bias)) + sum(conv2d(x, weight, bias, {.stride = 2}))).backward();
  EXPECT_EQ(numbers(x.grad()), (std::vector<double>{6, 3, 3, 3}));
  EXPECT_EQ(numbers(weight.grad()), (std::vector<double>{5}));
  EXPECT_EQ(numbers(bias.grad()), (std::vector<double>{5}));
}

TEST(ConvolutionTest, TheGradientsOfAWeightAndABiasCountEveryImage) {
  for (const std::size_t images : {1u, 16u, 17u, 33u}) {
    const Tensor weight(ones({1, 1, 1, 1}), true), bias(ones({1}), true);
    sum(conv2d(Tensor(ones({images, 1, 2, 2})), weight, bias)).backward();
    const std::vector<double> windows{static_cast<double>(4 * images)};
    EXPECT_EQ(numbers(weight.grad()), windows);
    EXPECT_EQ(numbers(bias.grad()), windows);
  }
}

TEST(NormErrorTest, ABatchOfOneValueCannotBeNormalizedInTraining) {
  const Tensor x(ones({1, 4}));
  EXPECT_EQ(message_of<ShapeError>([&] { batch_norm(x, kBias, kBias); }),
            "[batch_norm] training needs at least two values for each channel, got (1, 4); use a "
            "larger batch or the evaluation mode");
  EXPECT_EQ(batch_norm(x, kBias, kBias, kBias, kBias).shape(), x.shape());
  EXPECT_EQ(message_of<ShapeError>([&] { batch_norm(x, kBias, kBias, Tensor(ones({3})), kBias); }),
            "[batch_norm] the mean and the variance must have the shape of the weight: (3,), (4,) "
            "and (4,)");
}

TEST(EmbeddingErrorTest, AnIndexOutsideTheRowsIsNamed) {
  const Tensor weight(ones({5, 3}));
  EXPECT_EQ(message_of<DataError>([&] {
              embedding({0, 5}, weight);
            }),
            "[embedding] index 5 at position 1 is outside [0, 5)");
  EXPECT_EQ(message_of<DataError>([&] { embedding({-1}, weight); }),
            "[embedding] index -1 at position 0 is outside [0, 5)");
}

TEST(PoolingTest, TheGradientOfAMaximumGoesToTheFirstOfEqualElements) {
  const Tensor x = test::leaf({1, 1, 2, 4}, {7, 7, 1, 2, 7, 0, 2, 2});
  const Tensor y = max_pool2d(x, 2);
  y.backward(test::array({1, 1, 1, 2}, {3, 5}));
  EXPECT_EQ(numbers(y.value()), (std::vector<double>{7, 2}));
  EXPECT_EQ(numbers(x.grad()), (std::vector<double>{3, 0, 0, 5, 0, 0, 0, 0}));
}

TEST(PoolingTest, AMaximumIsNaNOrMinusInfinityIfItsWindowSaysSo) {
  using test::kInf;
  const Tensor x = test::leaf({1, 1, 2, 4}, {1, test::kNaN, -kInf, -kInf, 9, 3, -kInf, -kInf});
  const Tensor y = max_pool2d(x, 2);
  EXPECT_TRUE(std::isnan(y.value().data()[0]));
  EXPECT_EQ(y.value().data()[1], -kInf);
  y.backward(test::array({1, 1, 1, 2}, {3, 5}));
  EXPECT_EQ(numbers(x.grad()), (std::vector<double>{0, 3, 5, 0, 0, 0, 0, 0}));
}

// PyTorch gives the gradient to the last NaN of the window.
TEST(PoolingTest, TheGradientOfAMaximumGoesToTheLastNan) {
  using test::kNaN;
  const Tensor x = test::leaf({1, 1, 2, 4}, {1, kNaN, kNaN, 2, kNaN, 1, 3, kNaN});
  max_pool2d(x, 2).backward(test::array({1, 1, 1, 2}, {3, 5}));
  EXPECT_EQ(numbers(x.grad()), (std::vector<double>{0, 0, 0, 0, 3, 0, 0, 5}));
}

TEST(PoolingTest, PaddingIsNeverTheMaximumAndCountsInTheAverage) {
  const Tensor x(full({1, 1, 2, 2}, -4));
  EXPECT_EQ(numbers(max_pool2d(x, 2, {.padding = 1}).value()), std::vector<double>(4, -4));
  EXPECT_EQ(numbers(avg_pool2d(x, 2, {.padding = 1}).value()), std::vector<double>(4, -1));
}

TEST(BatchNormTest, TheStatisticsAreThoseOfEachChannel) {
  const Tensor x = test::leaf({2, 2, 2}, {1, 2, 10, 10, 3, 6, 20, 20});
  const Tensor one(ones({2})), zero(zeros({2}));
  BatchStatistics statistics;
  batch_norm(x, one, zero, 0, &statistics);
  EXPECT_EQ(statistics.count, 4u);
  EXPECT_EQ(numbers(statistics.mean), (std::vector<double>{3, 15}));
  EXPECT_EQ(numbers(statistics.variance), (std::vector<double>{3.5, 25}));
}

}  // namespace
}  // namespace xgrad
