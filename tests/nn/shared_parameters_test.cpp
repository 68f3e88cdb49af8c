// SPDX-License-Identifier: MIT
// tie(), copies and averages of parameters, and freezing.
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>

#include <gtest/gtest.h>

namespace xgrad {
namespace {

using test::message_of;
using test::numbers;

/// Two layers whose weights have the same shape, and a buffer.
struct Autoencoder : nn::Module {
  explicit Autoencoder(Rng& rng)
      : encoder(register_module("encoder", nn::Linear(3, 3, rng))),
        decoder(register_module("decoder", nn::Linear(3, 3, rng, {.bias = false}))),
        scale(register_buffer("scale", Array{1, 2, 3})) {}
  Tensor forward(const Tensor& x) override { return decoder(encoder(x)) * scale; }
  nn::Linear &encoder, &decoder;
  Parameter scale;
};

std::vector<std::string> names_of(const nn::Named<Tensor>& named) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : named) names.push_back(name);
  return names;
}

TEST(TieTest, TwoLayersShareOneParameterThatIsListedOnce) {
  Rng rng(1);
  Autoencoder model(rng);
  const Tensor weight = model.encoder.weight;
  nn::tie(model.encoder.weight, model.decoder.weight);
  EXPECT_TRUE(model.decoder.weight.is_same(weight));
  EXPECT_EQ(names_of(model.named_parameters()),
            (std::vector<std::string>{"encoder.weight", "encoder.bias"}));
  model.decoder.weight = ones({3, 3});
  EXPECT_EQ(model.encoder.weight.value(), ones({3, 3}));
  EXPECT_TRUE(model.decoder.parameters()[0].is_same(weight)) << "the layer alone lists it too";
  Autoencoder moved = std::move(model);
  EXPECT_EQ(moved.parameters().size(), 2u);
}

TEST(TieTest, TheGradientIsTheSumOfBothUses) {
  Rng rng(1);
  nn::Linear first(2, 2, rng, {.bias = false}), second(2, 2, rng, {.bias = false});
  nn::tie(first.weight, second.weight);
  first.weight = Array{{1, 2}, {3, 4}};
  const Tensor x(Array{{1, 10}});
  sum(second(first(x))).backward();
  // y = W (W x), so that the gradient is 1 (W x)^T + (W^T 1) x^T with W x = (21, 43).
  EXPECT_EQ(first.weight.grad(), (Array{{21 + 4, 43 + 40}, {21 + 6, 43 + 60}}));
  optim::SGD sgd(first.parameters(), {.lr = 1});
  sgd.step();
  EXPECT_EQ(second.weight.value(), (Array{{-24, -81}, {-24, -99}}));
}

TEST(TieTest, AnotherShapeAndAConstantAreRejectedAndNothingChanges) {
  Rng rng(1);
  nn::Linear layer(3, 2, rng), other(2, 3, rng), without(3, 2, rng, {.bias = false});
  const Tensor before = other.weight;
  EXPECT_EQ(message_of<ShapeError>([&] { nn::tie(layer.weight, other.weight); }),
            "[tie] shapes differ: (2, 3) and (3, 2)");
  const std::string constant =
      "[tie] both must be parameters, but one is a constant, which its module does not train or "
      "save; make the layer with this parameter, for example with .bias = true";
  EXPECT_EQ(message_of([&] { nn::tie(layer.bias, without.bias); }), constant);
  EXPECT_EQ(message_of([&] { nn::tie(without.bias, layer.bias); }), constant);
  EXPECT_TRUE(other.weight.is_same(before));
}

TEST(CopyTest, CopyParametersWritesTheValuesAndLeavesTheBuffers) {
  Rng rng(1);
  Autoencoder from(rng), to(rng);
  from.scale = Array{7, 8, 9};
  const Tensor weight = to.encoder.weight;
  nn::copy_parameters(from, to);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(from.parameters()[i].value(), to.parameters()[i].value());
    EXPECT_FALSE(from.parameters()[i].is_same(to.parameters()[i]));
  }
  EXPECT_TRUE(to.encoder.weight.is_same(weight));
  EXPECT_EQ(to.scale.value(), (Array{1, 2, 3}));
}

TEST(CopyTest, LoadStateCopiesParametersAndBuffers) {
  Rng rng(1);
  Autoencoder from(rng), to(rng);
  from.scale = Array{7, 8, 9};
  to.load_state(from);
  EXPECT_EQ(to.scale.value(), (Array{7, 8, 9}));
  from.eval();
  to.eval();
  const Tensor x(rng.normal({4, 3}));
  EXPECT_EQ(to(x).value(), from(x).value());
}

TEST(CopyTest, AverageParametersMovesThemByTheFractionTau) {
  Rng rng(1);
  nn::Linear from(2, 1, rng), to(2, 1, rng);
  from.weight = Array{{1, 2}};
  from.bias = Array{-4};
  to.weight = Array{{5, 10}};
  to.bias = Array{4};
  nn::average_parameters(from, to, 0.25);
  EXPECT_EQ(to.weight.value(), (Array{{4, 8}}));
  EXPECT_EQ(to.bias.value(), (Array{2}));
  nn::average_parameters(from, to, 0);
  EXPECT_EQ(to.bias.value(), (Array{2}));
  nn::average_parameters(from, to, 1);
  EXPECT_EQ(to.weight.value(), (Array{{1, 2}}));
  EXPECT_EQ(to.bias.value(), (Array{-4}));
}

TEST(CopyTest, AGraphRecordedBeforeAnAverageIsRejected) {
  Rng rng(1);
  nn::Linear from(2, 2, rng), to(2, 2, rng);
  const Tensor loss = sum(to(Tensor(to.weight.value(), true)));
  nn::average_parameters(from, to, 0.5);
  EXPECT_THROW(loss.backward(), Error);
}

TEST(CopyTest, AnotherArchitectureIsRejectedAndNothingChanges) {
  Rng rng(1);
  nn::Linear layer(3, 2, rng), wider(4, 2, rng), without(3, 2, rng, {.bias = false});
  const Array weight = layer.weight.value();
  EXPECT_EQ(message_of<ShapeError>([&] { nn::copy_parameters(wider, layer); }),
            "[copy_parameters] \"weight\" must have the same shape in both models, got (2, 4) and "
            "(2, 3)");
  EXPECT_EQ(message_of([&] { nn::average_parameters(without, layer, 0.5); }),
            "[average_parameters] the models must have the same names, got nothing and \"bias\" at "
            "position 1");
  EXPECT_EQ(message_of([&] { without.load_state(layer); }),
            "[load_state] the models must have the same names, got \"bias\" and nothing at "
            "position 1");
  for (const double tau : {-0.1, 1.1, test::kNaN}) {
    EXPECT_THROW(nn::average_parameters(layer, layer, tau), OptionError);
  }
  EXPECT_EQ(layer.weight.value(), weight);
}

TEST(FreezingTest, SetRequiresGradReachesTheParametersAndNotTheBuffers) {
  Rng rng(1);
  Autoencoder model(rng);
  model.encoder.set_requires_grad(false);
  sum(model(Tensor(ones({2, 3})))).backward();
  EXPECT_FALSE(model.encoder.weight.has_grad());
  EXPECT_TRUE(model.decoder.weight.has_grad());
  model.set_requires_grad(true);
  for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.requires_grad());
  EXPECT_FALSE(model.scale.requires_grad());
}

}  // namespace
}  // namespace xgrad
