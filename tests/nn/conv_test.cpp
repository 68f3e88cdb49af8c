// SPDX-License-Identifier: MIT
// Conv2d, MaxPool2d, AvgPool2d, LayerNorm and Embedding.
#include <gtest/gtest.h>
#include <xgrad/nn.hpp>

#include <support/tensors.hpp>

#include <cmath>

namespace xgrad {
namespace {

using test::message_of;
using test::numbers;

std::vector<std::string> parameter_names(const nn::Module& module) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : module.named_parameters()) names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Conv2dTest, TheLayerIsTheOpWithItsOptions) {
  Rng rng(0);
  nn::Conv2d layer(2, 3, {3, 2}, rng, {.stride = {1, 2}, .padding = 1});
  EXPECT_EQ(layer.weight.shape(), (Shape{3, 2, 3, 2}));
  EXPECT_EQ(parameter_names(layer), (Names{"weight", "bias"}));
  const Tensor x(rng.normal({2, 2, 5, 6}));
  EXPECT_TRUE(test::same_bits(
      layer(x).value(),
      conv2d(x, layer.weight, layer.bias, {.stride = {1, 2}, .padding = 1}).value()));
}

TEST(Conv2dTest, InitialValuesAreUniformBetweenTheBoundsOfPyTorch) {
  Rng rng(0);
  const nn::Conv2d layer(20, 50, {2, 10}, rng);
  const double limit = 1 / std::sqrt(20.0 * 2 * 10);
  for (const Parameter& p : {layer.weight, layer.bias}) {
    double largest = 0;
    for (const double value : numbers(p.value())) largest = std::max(largest, std::fabs(value));
    EXPECT_LE(largest, limit);
    EXPECT_GT(largest, 0.9 * limit);
  }
  double squares = 0;
  for (const double value : numbers(layer.weight.value())) squares += value * value;
  EXPECT_NEAR(squares / 20000, limit * limit / 3, 0.02 * limit * limit);
}

TEST(Conv2dTest, TheSummaryCountsAMultiplyAddForEachWeightAndEachWindow) {
  Rng rng(0);
  const nn::Conv2d layer(6, 16, 5, rng, {.padding = {2, 1}});
  EXPECT_EQ(layer.description(), "Conv2d(6, 16, kernel (5, 5), padding (2, 1))");
  EXPECT_EQ(layer.multiply_adds({2, 6, 14, 14}, {2, 16, 10, 10}), 2u * 16 * 150 * 100);
  EXPECT_EQ(nn::MaxPool2d(2, {.stride = 1}).description(),
            "MaxPool2d(kernel (2, 2), stride (1, 1))");
}

TEST(Conv2dTest, WithoutABiasOnlyTheWeightIsAParameter) {
  Rng with(0), without(0);
  nn::Conv2d layer(1, 2, 2, with), bare(1, 2, 2, without, {.bias = false});
  EXPECT_EQ(parameter_names(bare), Names{"weight"});
  EXPECT_EQ(numbers(bare.bias.value()), (std::vector<double>{0, 0}));
  EXPECT_TRUE(test::same_bits(layer.weight.value(), bare.weight.value()));
}

TEST(Conv2dTest, ArgumentsOutsideTheirRangesAreRefusedByTheConstructor) {
  Rng rng(0);
  const Rng::State before = rng.state();
  EXPECT_EQ(message_of<OptionError>([&] { nn::Conv2d(0, 2, 3, rng); }),
            "[Conv2d] in must be a positive finite number, got 0");
  EXPECT_EQ(message_of<OptionError>([&] {
              nn::Conv2d(1, 2, {3, 0}, rng);
            }),
            "[Conv2d] the kernel must be from 1 to 2147483647, got (3, 0)");
  EXPECT_EQ(message_of<OptionError>([&] { nn::Conv2d(1, 2, 3, rng, {.stride = 0}); }),
            "[Conv2d] the stride must be from 1 to 2147483647, got (0, 0)");
  EXPECT_EQ(message_of<OptionError>([&] {
              nn::Conv2d(1, 2, 3, rng, {.padding = {0, -1}});
            }),
            "[Conv2d] the padding must be from 0 to 2147483647, got (0, -1)");
  EXPECT_EQ(rng.state(), before);
}

TEST(PoolLayerTest, TheLayersAreTheOpsWithTheirOptions) {
  Rng rng(0);
  const Tensor x(rng.normal({2, 2, 6, 7}));
  EXPECT_TRUE(test::same_bits(nn::MaxPool2d({3, 2}, {.stride = 1, .padding = 1})(x).value(),
                              max_pool2d(x, {3, 2}, {.stride = 1, .padding = 1}).value()));
  EXPECT_TRUE(test::same_bits(nn::AvgPool2d(2)(x).value(), avg_pool2d(x, 2).value()));
  EXPECT_TRUE(test::same_bits(nn::AvgPool2d(3, {.stride = 1, .padding = 1})(x).value(),
                              avg_pool2d(x, 3, {.stride = 1, .padding = 1}).value()));
  EXPECT_TRUE(nn::MaxPool2d(2).parameters().empty());
}

TEST(PoolLayerTest, OptionsOutsideTheirRangesAreRefusedByTheConstructor) {
  EXPECT_EQ(message_of<OptionError>([] { nn::MaxPool2d(2, {.padding = 2}); }),
            "[MaxPool2d] the padding must be at most half the kernel, got (2, 2) for the kernel "
            "(2, 2)");
  EXPECT_EQ(message_of<OptionError>([] {
              nn::AvgPool2d(2, {.stride = {1, 0}});
            }),
            "[AvgPool2d] the stride must be from 1 to 2147483647, got (1, 0)");
}

TEST(LayerNormTest, ANewLayerGivesRowsOfMeanZeroAndVarianceOne) {
  nn::LayerNorm layer(4, {.eps = 0});
  EXPECT_EQ(parameter_names(layer), (Names{"weight", "bias"}));
  const Tensor y = layer(test::leaf({1, 2, 4}, {1, 1, 3, 3, -8, 8, 8, -8}));
  EXPECT_EQ(numbers(y.value()), (std::vector<double>{-1, -1, 1, 1, -1, 1, 1, -1}));
  EXPECT_EQ(message_of<OptionError>([] { nn::LayerNorm(0); }),
            "[LayerNorm] features must be a positive finite number, got 0");
}

TEST(EmbeddingLayerTest, ATensorOfIntegersGivesRowsOfTheWeight) {
  Rng rng(0);
  nn::Embedding layer(4, 2, rng);
  layer.weight = test::array({4, 2}, {0, 1, 10, 11, 20, 21, 30, 31});
  const Tensor y = layer(Tensor(test::array({2, 2}, {3, 0, 0, 1})));
  EXPECT_EQ(y.shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(numbers(y.value()), (std::vector<double>{30, 31, 0, 1, 0, 1, 10, 11}));
  sum(y).backward();
  EXPECT_EQ(numbers(layer.weight.grad()), (std::vector<double>{2, 2, 1, 1, 0, 0, 1, 1}));
}

TEST(EmbeddingLayerTest, NumbersThatAreNoIndicesAreRefused) {
  Rng rng(0);
  nn::Embedding layer(4, 2, rng);
  const auto look_up = [&](double index) {
    return message_of<DataError>([&] { layer(Tensor(test::array({2}, {0, index}))); });
  };
  EXPECT_EQ(look_up(0.5),
            "[Embedding] an index must be an integer, got 0.5 at position 1 (in Embedding(4, 2))");
  EXPECT_EQ(look_up(test::kNaN),
            "[Embedding] an index must be an integer, got nan at position 1 (in Embedding(4, 2))");
  EXPECT_EQ(look_up(4), "[embedding] index 4 at position 1 is outside [0, 4) (in Embedding(4, 2))");
  EXPECT_EQ(message_of<OptionError>([&] { nn::Embedding(4, 0, rng); }),
            "[Embedding] dim must be a positive finite number, got 0");
}

}  // namespace
}  // namespace xgrad
