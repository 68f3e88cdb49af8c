// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <cmath>

namespace xgrad {
namespace {

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

TEST(SequentialTest, CanBeNestedAndExtended) {
  Rng rng(5);
  nn::Sequential inner(nn::Linear(2, 2, rng), nn::Tanh());
  nn::Sequential outer;
  outer.add(std::move(inner));
  outer.add(nn::Linear(2, 1, rng));
  EXPECT_EQ(outer.named_parameters()[0].first, "0.0.weight");
  EXPECT_EQ(outer.named_parameters()[2].first, "1.weight");
  EXPECT_EQ(outer(Tensor(ones({3, 2}))).shape(), (Shape{3, 1}));
}

TEST(ActivationTest, LayersComputeTheirOps) {
  const Tensor x(Array{{-2, 0}, {0.5, 3}});
  nn::ReLU relu_layer;
  nn::LeakyReLU leaky(0.2);
  nn::Tanh tanh_layer;
  nn::Sigmoid sigmoid_layer;
  EXPECT_EQ(relu_layer(x).value(), relu(x).value());
  EXPECT_EQ(leaky(x).value(), leaky_relu(x, 0.2).value());
  EXPECT_EQ(tanh_layer(x).value(), tanh(x).value());
  EXPECT_EQ(sigmoid_layer(x).value(), sigmoid(x).value());
  EXPECT_EQ(nn::Softmax()(x).value(), softmax(x).value());
  EXPECT_EQ(nn::Softmax(0)(x).value(), softmax(x, 0).value());
  EXPECT_TRUE(nn::Identity()(x).is_same(x));
}

TEST(DropoutTest, ZeroesTheGivenFractionAndKeepsTheMean) {
  Rng rng(6);
  nn::Dropout layer(0.3, rng);
  const Tensor x(ones({100000}), true);
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

TEST(DropoutTest, DoesNothingInEvaluationMode) {
  Rng rng(7);
  nn::Dropout layer(0.9, rng);
  layer.eval();
  const Tensor x(full({10}, 3));
  EXPECT_TRUE(layer(x).is_same(x));
}

TEST(DropoutTest, SeedsItsOwnGeneratorWithOneNumberOfTheGivenOne) {
  Rng rng(8), same(8);
  nn::Dropout layer(0.4, rng);
  Rng own(same.next());
  EXPECT_EQ(rng.state(), same.state());
  EXPECT_EQ(layer.named_rngs()[0].second->state(), own.state());
  const Array y = layer(Tensor(ones({100}))).value();
  for (const Scalar v : y) EXPECT_EQ(v == 0, own.uniform() < 0.4);
  EXPECT_EQ(rng.state(), same.state());
}

TEST(DropoutTest, TwoLayersMadeWithOneRngDrawDifferentMasks) {
  Rng rng(9);
  nn::Dropout first(0.5, rng), second(0.5, rng);
  const Tensor x(ones({100}));
  EXPECT_NE(first(x).value(), second(x).value());
}

TEST(DropoutTest, DoesNotDependOnWhatHappensToTheGivenRng) {
  Rng rng(10);
  nn::Dropout layer(0.5, rng);
  auto gone = std::make_unique<Rng>(10);
  nn::Dropout twin(0.5, *gone);
  gone.reset();
  rng.normal({50});
  rng = Rng(3);
  nn::Dropout moved = std::move(layer);
  const Tensor x(ones({100}));
  for (int step = 0; step < 3; ++step) EXPECT_EQ(moved(x).value(), twin(x).value());
}

TEST(DropoutTest, TakesNoNumberIfPIsOutOfRange) {
  Rng rng(11);
  EXPECT_THROW(nn::Dropout(1, rng), OptionError);
  EXPECT_THROW(nn::Dropout(-0.1, rng), OptionError);
  EXPECT_EQ(rng.state(), Rng(11).state());
}

TEST(FlattenTest, KeepsTheFirstAxis) {
  nn::Flatten layer;
  EXPECT_EQ(layer(Tensor(ones({2, 3, 4}))).shape(), (Shape{2, 12}));
  EXPECT_EQ(layer(Tensor(ones({5}))).shape(), (Shape{5, 1}));
  EXPECT_THROW(layer(Tensor()), ShapeError);
}

TEST(ActivationTest, SmoothLayersComputeTheirOps) {
  const Tensor x(Array{{-2, -0.5, 0, 1}, {3, -1, 0.25f, 2}});
  EXPECT_EQ(nn::ELU(0.5)(x).value(), elu(x, 0.5).value());
  EXPECT_EQ(nn::GELU()(x).value(), gelu(x).value());
  EXPECT_EQ(nn::SiLU()(x).value(), silu(x).value());
  EXPECT_EQ(nn::Softplus()(x).value(), softplus(x).value());
}

TEST(LossTest, LossObjectsPassTheirOptionsOn) {
  const Tensor x(Array{{1, 2, 3}, {0, 0, 0}}), y(Array{{1, 0, 5}, {1, 1, 0}});
  const Labels labels{2, 1};
  const CrossEntropyOptions options{.class_weights = {1, 2, 3}, .label_smoothing = 0.1};
  const LossOptions none{.reduction = Reduction::none};
  EXPECT_EQ(nn::SoftmaxCrossEntropy(options)(x, labels).item(),
            cross_entropy(x, labels, options).item());
  EXPECT_EQ(nn::MSELoss(none)(x, y).value(), mse_loss(x, y, none).value());
  EXPECT_EQ(nn::L1Loss()(x, y).item(), l1_loss(x, y).item());
  EXPECT_EQ(nn::L1Loss(none)(x, y).value(), l1_loss(x, y, none).value());
  EXPECT_EQ(nn::HuberLoss(0.5)(x, y).item(), huber_loss(x, y, 0.5).item());
  EXPECT_EQ(nn::HuberLoss(0.5, none)(x, y).value(), huber_loss(x, y, 0.5, none).value());
  EXPECT_EQ(nn::BCEWithLogitsLoss()(x, y).item(), binary_cross_entropy_with_logits(x, y).item());
}

TEST(LossTest, LossObjectsComputeTheirOps) {
  const Tensor logits(Array{{1, 2, 3}, {0, 0, 0}});
  const Labels labels{2, 1};
  EXPECT_EQ(nn::SoftmaxCrossEntropy()(logits, labels).item(), cross_entropy(logits, labels).item());
  EXPECT_NEAR(static_cast<double>(cross_entropy(logits, labels).item()),
              ((std::log(1 + std::exp(-1.0) + std::exp(-2.0))) + std::log(3.0)) / 2, 1e-6);
  EXPECT_EQ(nn::MSELoss()(Tensor(Array{1, 2}), Tensor(Array{3, 6})).item(), Scalar{10});
}

}  // namespace
}  // namespace xgrad
