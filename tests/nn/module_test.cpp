// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>

#include <cmath>

namespace xgrad {
namespace {

struct Mlp : nn::Module {
  explicit Mlp(Rng& rng)
      : hidden(register_module("hidden", nn::Linear(3, 4, rng))),
        drop(register_module("drop", nn::Dropout(0.5, rng))),
        output(register_module("output", nn::Linear(4, 2, rng))),
        scale(register_parameter("scale", Array{1, 2})) {}
  Tensor forward(const Tensor& x) override { return output(drop(relu(hidden(x)))) * scale; }
  nn::Linear& hidden;
  nn::Dropout& drop;
  nn::Linear& output;
  Tensor scale;
};

struct Naming : nn::Module {
  Tensor forward(const Tensor& x) override { return x; }
  void add(const std::string& name) { register_parameter(name, Array{1}); }
};

TEST(ModuleTest, ParametersComeInRegistrationOrderWithDottedNames) {
  Rng rng(0);
  const Mlp model(rng);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.named_parameters()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"scale", "hidden.weight", "hidden.bias",
                                             "output.weight", "output.bias"}));
  ASSERT_EQ(model.parameters().size(), 5u);
  EXPECT_TRUE(model.parameters()[1].is_same(model.hidden.weight));
  for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.requires_grad());
}

TEST(ModuleTest, RngsThatForwardDrawsFromAreListedWithDottedNames) {
  Rng rng(0);
  Mlp model(rng);
  ASSERT_EQ(model.named_rngs().size(), 1u);
  EXPECT_EQ(model.named_rngs()[0].first, "drop.rng");
  EXPECT_EQ(model.named_rngs()[0].second, &rng);
  Mlp moved = std::move(model);
  EXPECT_EQ(moved.named_rngs()[0].second, &rng);
}

TEST(ModuleTest, ReferencesToModulesInsideSurviveAMove) {
  Rng rng(0);
  Mlp model(rng);
  model.eval();
  const Tensor x(filled({5, 3}, 1));
  const Array before = model(x).value();
  Mlp moved = std::move(model);
  EXPECT_EQ(moved(x).value(), before);
  EXPECT_TRUE(moved.parameters()[1].is_same(moved.hidden.weight));
}

TEST(ModuleTest, TrainAndEvalReachModulesInsideAndKeepFrozenParametersFrozen) {
  Rng rng(0);
  Mlp model(rng);
  EXPECT_TRUE(model.is_training());
  model.hidden.weight.set_requires_grad(false);
  model.eval();
  EXPECT_FALSE(model.drop.is_training());
  model.train();
  EXPECT_TRUE(model.drop.is_training());
  EXPECT_FALSE(model.hidden.weight.requires_grad());
  EXPECT_TRUE(model.hidden.bias.requires_grad());
}

TEST(ModuleTest, ZeroGradReachesEveryParameter) {
  Rng rng(0);
  Mlp model(rng);
  sum(model(Tensor(filled({5, 3}, 1)))).backward();
  for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.has_grad());
  model.zero_grad();
  for (const Tensor& p : model.parameters()) EXPECT_FALSE(p.has_grad());
}

TEST(ModuleTest, NamesMustBeFreeAndWithoutDots) {
  Naming module;
  module.add("weight");
  for (const char* bad : {"weight", "", "a.b"}) {
    try {
      module.add(bad);
      FAIL() << bad;
    } catch (const OptionError& error) {
      EXPECT_EQ(std::string(error.what()),
                "[module] \"" + std::string(bad) +
                    "\" cannot be registered: a name must not be empty, hold a dot, or be taken");
    }
  }
  EXPECT_EQ(module.parameters().size(), 1u);
}

TEST(LinearTest, ComputesXTimesTransposedWeightPlusBias) {
  Rng rng(1);
  nn::Linear layer(3, 2, rng);
  layer.weight.assign(Array{{1, 2, 3}, {4, 5, 6}});
  layer.bias.assign(Array{10, 20});
  EXPECT_EQ(layer(Tensor(Array{{1, 0, -1}, {1, 1, 1}})).value(), (Array{{8, 18}, {16, 35}}));
  EXPECT_EQ(layer(Tensor(Array{1, 0, -1})).value(), (Array{8, 18}));
}

TEST(LinearTest, StartsUniformWithinOneOverTheRootOfItsInputs) {
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

TEST(LinearTest, RefusesZeroWidthsAndWrongInputs) {
  Rng rng(0);
  EXPECT_THROW(nn::Linear(0, 2, rng), OptionError);
  EXPECT_THROW(nn::Linear(2, 0, rng), OptionError);
  nn::Linear layer(3, 2, rng);
  try {
    layer(Tensor(filled({4, 5}, 0)));
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "[linear] the input's last extent must be the weight's second: (4, 5) and (2, 3)");
  }
}

TEST(SequentialTest, NamesLayersByPositionAndAppliesThemInOrder) {
  Rng rng(4);
  nn::Sequential model(nn::Linear(2, 3, rng), nn::ReLU(), nn::Linear(3, 1, rng));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.named_parameters()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight", "0.bias", "2.weight", "2.bias"}));
  const auto p = model.parameters();
  const Tensor x(rng.uniform({5, 2}, -1, 1));
  EXPECT_EQ(model(x).value(), linear(relu(linear(x, p[0], p[1])), p[2], p[3]).value());
}

TEST(SequentialTest, NestsAndGrows) {
  Rng rng(5);
  nn::Sequential inner(nn::Linear(2, 2, rng), nn::Tanh());
  nn::Sequential outer;
  outer.add(std::move(inner));
  outer.add(nn::Linear(2, 1, rng));
  EXPECT_EQ(outer.named_parameters()[0].first, "0.0.weight");
  EXPECT_EQ(outer.named_parameters()[2].first, "1.weight");
  EXPECT_EQ(outer(Tensor(filled({3, 2}, 1))).shape(), (Shape{3, 1}));
}

TEST(ActivationTest, LayersAreTheirOps) {
  const Tensor x(Array{{-2, 0}, {0.5, 3}});
  nn::ReLU relu_layer;
  nn::LeakyReLU leaky(0.2);
  nn::Tanh tanh_layer;
  nn::Sigmoid sigmoid_layer;
  EXPECT_EQ(relu_layer(x).value(), relu(x).value());
  EXPECT_EQ(leaky(x).value(), leaky_relu(x, 0.2).value());
  EXPECT_EQ(tanh_layer(x).value(), tanh(x).value());
  EXPECT_EQ(sigmoid_layer(x).value(), sigmoid(x).value());
}

TEST(DropoutTest, ZeroesTheGivenPartAndKeepsTheMean) {
  Rng rng(6);
  nn::Dropout layer(0.3, rng);
  const Tensor x(filled({100000}, 1), true);
  const Tensor y = layer(x);
  std::size_t zeros = 0;
  double total = 0;
  for (const Scalar v : y.value()) {
    zeros += v == 0;
    total += static_cast<double>(v);
  }
  EXPECT_NEAR(static_cast<double>(zeros) / 1e5, 0.3, 0.01);
  EXPECT_NEAR(total / 1e5, 1, 0.01);
  sum(y).backward();
  EXPECT_EQ(x.grad(), y.value());  // the same mask scales the gradient
}

TEST(DropoutTest, DoesNothingInEvaluation) {
  Rng rng(7);
  nn::Dropout layer(0.9, rng);
  layer.eval();
  const Tensor x(filled({10}, 3));
  EXPECT_TRUE(layer(x).is_same(x));
  EXPECT_THROW(nn::Dropout(1, rng), OptionError);
  EXPECT_THROW(nn::Dropout(-0.1, rng), OptionError);
}

TEST(FlattenTest, KeepsTheFirstAxis) {
  nn::Flatten layer;
  EXPECT_EQ(layer(Tensor(filled({2, 3, 4}, 1))).shape(), (Shape{2, 12}));
  EXPECT_EQ(layer(Tensor(filled({5}, 1))).shape(), (Shape{5, 1}));
  EXPECT_THROW(layer(Tensor()), ShapeError);
}

TEST(LossTest, ObjectsAreTheirOps) {
  const Tensor logits(Array{{1, 2, 3}, {0, 0, 0}});
  const Labels labels{2, 1};
  EXPECT_EQ(nn::SoftmaxCrossEntropy()(logits, labels).item(), cross_entropy(logits, labels).item());
  EXPECT_NEAR(static_cast<double>(cross_entropy(logits, labels).item()),
              ((std::log(1 + std::exp(-1.0) + std::exp(-2.0))) + std::log(3.0)) / 2, 1e-6);
  EXPECT_EQ(nn::MSELoss()(Tensor(Array{1, 2}), Tensor(Array{3, 6})).item(), Scalar{10});
}

TEST(InitTest, DistributionsHaveTheirPapersSpread) {
  Rng rng(8);
  const Array xavier = nn::init::xavier_uniform({300, 100}, rng);
  const double limit = std::sqrt(6.0 / 400);
  const Array he = nn::init::he_normal({300, 100}, rng);
  double most = 0, squares = 0;
  for (const Scalar w : xavier) most = std::max(most, std::abs(static_cast<double>(w)));
  for (const Scalar w : he) squares += static_cast<double>(w) * static_cast<double>(w) / 30000;
  EXPECT_LE(most, limit + 1e-7);
  EXPECT_GT(most, 0.999 * limit);
  EXPECT_NEAR(squares, 2.0 / 100, 6e-4);
  EXPECT_THROW(nn::init::he_normal({3}, rng), ShapeError);
  EXPECT_THROW(nn::init::xavier_uniform({1, 2, 3}, rng), ShapeError);
}

}  // namespace
}  // namespace xgrad
