// SPDX-License-Identifier: MIT
// BatchNorm1d and BatchNorm2d: running statistics, modes and errors.
#include <gtest/gtest.h>
#include <xgrad/nn.hpp>

#include <support/tensors.hpp>

namespace xgrad {
namespace {

using test::message_of;
using test::numbers;

// Channel 0 contains 1, 3, 5, 7: mean 4, variance 5, unbiased variance 20 / 3. Channel 1 contains
// 2, 2, 2, 10: mean 4, variance 12, unbiased variance 16.
const Tensor kBatch(test::array({2, 2, 2}, {1, 3, 2, 2, 5, 7, 2, 10}));

TEST(BatchNormLayerTest, TrainingMovesTheRunningStatisticsTowardsTheUnbiasedOnesOfTheBatch) {
  nn::BatchNorm1d layer(2, {.eps = 0, .momentum = 0.25});
  const Tensor y = layer(kBatch);
  EXPECT_NEAR(y.value().data()[0], -3 / std::sqrt(5.0), 1e-6);
  EXPECT_NEAR(y.value().data()[7], 6 / std::sqrt(12.0), 1e-6);
  EXPECT_EQ(numbers(layer.running_mean.value()), (std::vector<double>{1, 1}));
  EXPECT_NEAR(layer.running_var.value().data()[0], 0.75 + 0.25 * 20 / 3, 1e-6);
  EXPECT_NEAR(layer.running_var.value().data()[1], 0.75 + 0.25 * 16, 1e-6);
}

TEST(BatchNormLayerTest, EvaluationUsesTheRunningStatisticsAndChangesNothing) {
  nn::BatchNorm2d layer(2, {.eps = 0});
  layer.running_mean = test::array({2}, {1, 2});
  layer.running_var = test::array({2}, {4, 16});
  layer.eval();
  const Tensor y = layer(reshape(kBatch, {2, 2, 1, 2}));
  EXPECT_EQ(numbers(y.value()), (std::vector<double>{0, 1, 0, 0, 2, 3, 0, 2}));
  EXPECT_EQ(numbers(layer.running_mean.value()), (std::vector<double>{1, 2}));
  EXPECT_EQ(numbers(layer.running_var.value()), (std::vector<double>{4, 16}));
}

TEST(BatchNormLayerTest, TheRunningStatisticsAreBuffersAndNoParameters) {
  const nn::BatchNorm1d layer(3);
  std::vector<std::string> parameters, buffers;
  for (const auto& [name, tensor] : layer.named_parameters()) parameters.push_back(name);
  for (const auto& [name, tensor] : layer.named_buffers()) buffers.push_back(name);
  EXPECT_EQ(parameters, (std::vector<std::string>{"weight", "bias"}));
  EXPECT_EQ(buffers, (std::vector<std::string>{"running_mean", "running_var"}));
  EXPECT_FALSE(static_cast<const Tensor&>(layer.running_mean).requires_grad());
}

TEST(BatchNormLayerTest, AWrongInputOrOptionIsRefusedAndNothingHasChanged) {
  nn::BatchNorm1d layer(4);
  const Tensor single(ones({1, 4}));
  EXPECT_EQ(message_of<ShapeError>([&] { layer.forward(single); }),
            "[batch_norm] training needs at least two values for each channel, got (1, 4); use a "
            "larger batch or the evaluation mode");
  EXPECT_EQ(message_of<ShapeError>([&] { layer.forward(Tensor(ones({4}))); }),
            "[BatchNorm1d] the input must have 2 or 3 axes, got (4,)");
  EXPECT_EQ(message_of<ShapeError>([] {
              nn::BatchNorm2d(4).forward(Tensor(ones({2, 4})));
            }),
            "[BatchNorm2d] the input must have 4 axes, got (2, 4)");
  EXPECT_EQ(numbers(layer.running_mean.value()), std::vector<double>(4, 0));
  EXPECT_EQ(message_of<OptionError>([] { nn::BatchNorm1d(4, {.momentum = 1.5}); }),
            "[BatchNorm1d] momentum must be at most 1, got 1.5");
}

}  // namespace
}  // namespace xgrad
