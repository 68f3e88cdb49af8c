// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <cmath>
#include <functional>

namespace xgrad {
namespace {

using test::message_of;

TEST(LinearTest, ComputesXTimesTransposedWeightPlusBias) {
  Rng rng(1);
  nn::Linear layer(3, 2, rng);
  layer.weight.assign(Array{{1, 2, 3}, {4, 5, 6}});
  layer.bias.assign(Array{10, 20});
  EXPECT_EQ(layer(Tensor(Array{{1, 0, -1}, {1, 1, 1}})).value(), (Array{{8, 18}, {16, 35}}));
  EXPECT_EQ(layer(Tensor(Array{1, 0, -1})).value(), (Array{8, 18}));
}

TEST(LinearTest, ReadsTheLastAxisOrElseEachImageAsAVector) {
  Rng rng(1);
  nn::Linear layer(12, 2, rng);
  const Tensor images(rng.normal({5, 3, 2, 2})), sequences(rng.normal({5, 3, 12}));
  EXPECT_EQ(layer(images).value(), layer(flatten(images)).value());
  EXPECT_EQ(layer(sequences).shape(), (Shape{5, 3, 2}));
  EXPECT_EQ(layer(Tensor(ones({5, 1, 1, 12}))).shape(), (Shape{5, 1, 1, 2})) << "the last axis";
  EXPECT_EQ(message_of<ShapeError>([&] {
              layer(Tensor(ones({5, 3, 2, 4})));
            }),
            "[linear] the last extents of the input and the weight must be equal: (5, 3, 2, 4) and "
            "(2, 12); or each row of the input must have 12 elements, but it has 24 (in Linear(12, "
            "2))");
}

TEST(LinearTest, InitialWeightsAreUniformWithinOneOverTheRootOfTheInputs) {
  Rng rng(2);
  const nn::Linear layer(400, 50, rng);
  EXPECT_EQ(layer.weight.shape(), (Shape{50, 400}));
  EXPECT_EQ(layer.bias.shape(), (Shape{50}));
  double squares = 0, most = 0;
  for (const Scalar w : layer.weight.value()) {
    squares += static_cast<double>(w) * static_cast<double>(w) / 20000;
    most = std::max(most, std::abs(static_cast<double>(w)));
  }
  EXPECT_LE(most, 0.05);
  EXPECT_GT(most, 0.0499);
  EXPECT_NEAR(squares, 0.05 * 0.05 / 3, 2e-5);  // the variance of U(-a, a) is a^2 / 3
}

TEST(LinearTest, InitialBiasesHaveTheLimitsOfTheWeights) {
  Rng rng(3);
  for (const std::size_t in : {16u, 400u}) {
    const double limit = 1 / std::sqrt(static_cast<double>(in));
    double most = 0;
    for (const Scalar b : nn::Linear(in, 1000, rng).bias.value()) {
      most = std::max(most, std::abs(static_cast<double>(b)));
    }
    EXPECT_LE(most, limit * (1 + 1e-6));
    EXPECT_GT(most, 0.99 * limit);
  }
}

TEST(LinearTest, WithoutBiasHasOneParameter) {
  Rng rng(3);
  nn::Linear layer(2, 2, rng, {.bias = false});
  ASSERT_EQ(layer.named_parameters().size(), 1u);
  layer.weight.assign(Array{{1, 0}, {0, 1}});
  const Tensor y = layer(Tensor(Array{{3, 4}}));
  EXPECT_EQ(y.value(), (Array{{3, 4}}));
  sum(y).backward();
  EXPECT_FALSE(layer.bias.has_grad());
}

TEST(LinearTest, ABiasThatIsNotAParameterCannotBeAssigned) {
  Rng rng(3);
  nn::Linear layer(2, 2, rng, {.bias = false});
  const nn::Linear other(2, 2, rng);
  const std::vector<std::function<void()>> writes{[&] {
                                                    layer.bias = Array{1, 2};
                                                  },
                                                  [&] {
                                                    layer.bias = Tensor(Array{1, 2});
                                                  },
                                                  [&] { layer.bias = other.bias; },
                                                  [&] {
                                                    layer.bias.assign(Array{1, 2});
                                                  }};
  for (const auto& write : writes) {
    try {
      write();
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()),
                "[Parameter] a constant must not be assigned to, because its module does not train "
                "or save it; make the layer with this parameter, for example with .bias = true");
    }
  }
  EXPECT_EQ(layer.bias.value(), (Array{0, 0}));
}

TEST(LinearTest, RefusesZeroWidthsAndWrongInputs) {
  Rng rng(0);
  EXPECT_THROW(nn::Linear(0, 2, rng), OptionError);
  EXPECT_THROW(nn::Linear(2, 0, rng), OptionError);
  nn::Linear layer(3, 2, rng);
  try {
    layer(Tensor(zeros({4, 5})));
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(
        error.what(),
        "[linear] the last extents of the input and the weight must be equal: (4, 5) and (2, 3) "
        "(in Linear(3, 2))");
  }
}

}  // namespace
}  // namespace xgrad
