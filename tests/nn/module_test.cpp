// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>

#include <type_traits>

namespace xgrad {
namespace {

using test::message_of;

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
  Parameter scale;
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

TEST(ModuleTest, RngsAreListedWithDottedNamesAndSurviveAMove) {
  Rng rng(0);
  Mlp model(rng);
  ASSERT_EQ(model.named_rngs().size(), 1u);
  EXPECT_EQ(model.named_rngs()[0].first, "drop.rng");
  const Rng* const own = model.named_rngs()[0].second;
  EXPECT_NE(own, &rng);
  Mlp moved = std::move(model);
  ASSERT_EQ(moved.named_rngs().size(), 1u);
  EXPECT_EQ(moved.named_rngs()[0].second, own);
}

TEST(ModuleTest, ReferencesToSubmodulesStayValidAfterAMove) {
  Rng rng(0);
  Mlp model(rng);
  model.eval();
  const Tensor x(ones({5, 3}));
  const Array before = model(x).value();
  Mlp moved = std::move(model);
  EXPECT_EQ(moved(x).value(), before);
  EXPECT_TRUE(moved.parameters()[1].is_same(moved.hidden.weight));
}

TEST(ModuleTest, TrainAndEvalReachSubmodulesAndKeepFrozenParametersFrozen) {
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
  sum(model(Tensor(ones({5, 3})))).backward();
  for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.has_grad());
  model.zero_grad();
  for (const Tensor& p : model.parameters()) EXPECT_FALSE(p.has_grad());
}

TEST(ModuleTest, NamesMustBeUniqueAndWithoutDots) {
  Naming module;
  module.add("weight");
  for (const char* bad : {"weight", "", "a.b"}) {
    try {
      module.add(bad);
      FAIL() << bad;
    } catch (const OptionError& error) {
      EXPECT_EQ(
          std::string(error.what()),
          "[Module] a name must not be empty, contain a dot or be registered already, got \"" +
              std::string(bad) + "\"");
    }
  }
  EXPECT_EQ(module.parameters().size(), 1u);
}

static_assert(std::is_move_constructible_v<nn::Linear>);
static_assert(!std::is_assignable_v<nn::Linear&, nn::Linear>, "would rebind its parameters");
static_assert(std::is_move_assignable_v<nn::Sequential>);
static_assert(std::is_convertible_v<const Parameter&, const Tensor&>);
static_assert(!std::is_convertible_v<Parameter&, Tensor&>, "a Tensor& could be rebound");
static_assert(std::is_same_v<nn::Parameter, Parameter>);
static_assert(!std::is_constructible_v<Parameter, Tensor>, "no module would train it");
static_assert(!std::is_constructible_v<Parameter, Array>, "no module would train it");

TEST(ParameterTest, AnAssignmentIsSeenByTheOptimizerAndTheListOfParameters) {
  Rng rng(0);
  nn::Linear encoder(2, 2, rng), decoder(2, 2, rng);
  const Array values{{1, 2}, {3, 4}};
  const Tensor before = decoder.weight;
  const auto written = [&](const Array& expected) {
    return decoder.weight.is_same(before) && decoder.parameters()[0].is_same(before) &&
           before.value() == expected && before.requires_grad();
  };
  decoder.weight = Tensor(values);
  EXPECT_TRUE(written(values));
  decoder.weight = Array(2 * values);
  EXPECT_TRUE(written(2 * values));
  encoder.weight = values + 1;  // an expression of arrays
  decoder.weight = encoder.weight;
  EXPECT_TRUE(written(values + 1));
  decoder.weight = decoder.weight * 2;
  EXPECT_TRUE(written(2 * (values + 1)));
  decoder.weight = decoder.weight;
  EXPECT_TRUE(written(2 * (values + 1)));

  optim::SGD sgd(decoder.parameters(), {.lr = 1});
  sum(decoder(Tensor(Array{{1, 1}}))).backward();
  sgd.step();
  EXPECT_EQ(decoder.weight.value(), Array(2 * values + 1));
  EXPECT_EQ(encoder.weight.value(), Array(values + 1)) << "the two parameters stay independent";
}

TEST(ParameterTest, InitialValuesAreWrittenInPlace) {
  Rng rng(1), again(1);
  nn::Sequential model;
  nn::Linear& layer = model.add(nn::Linear(4, 16, rng));
  again = rng;
  nn::init::kaiming_normal(layer.weight, rng);
  EXPECT_EQ(model.parameters()[0].value(), nn::init::kaiming_normal({16, 4}, again));
}

TEST(ParameterTest, AnotherShapeIsRejectedAndNothingChanges) {
  Rng rng(0);
  nn::Linear layer(3, 2, rng);
  const nn::Linear other(2, 3, rng);
  const Array before = layer.weight.value();
  EXPECT_THROW(layer.weight = ones({3, 2}), ShapeError);
  EXPECT_THROW(layer.weight = Tensor(ones({6})), ShapeError);
  EXPECT_THROW(layer.weight = other.weight, ShapeError);
  EXPECT_THROW(layer.bias = Tensor(), ShapeError);
  EXPECT_EQ(layer.weight.value(), before);
}

TEST(ParameterTest, AGraphRecordedBeforeAnAssignmentIsRejected) {
  Rng rng(0);
  nn::Linear layer(2, 2, rng);
  const Tensor loss = sum(layer(layer.weight));
  layer.weight = ones({2, 2});
  EXPECT_THROW(loss.backward(), Error);
}

TEST(ParameterTest, CanBeUsedLikeATensor) {
  Rng rng(0);
  nn::Linear layer(2, 2, rng);
  layer.weight = Array{{1, 2}, {3, 4}};
  const std::vector<Tensor> handles{layer.weight, layer.bias};
  EXPECT_TRUE(handles[0].is_same(layer.weight));
  EXPECT_EQ((-layer.weight + 2 * layer.weight).value(), layer.weight.value());
  EXPECT_EQ((layer.weight * layer.weight).value(), (Array{{1, 4}, {9, 16}}));
  EXPECT_EQ((layer.weight * Array{10, 100}).value(), (Array{{10, 200}, {30, 400}}));
  EXPECT_EQ(sum(layer.weight).item(), 10);
  Tensor rebound = layer.bias;
  rebound = layer.weight;
  EXPECT_TRUE(rebound.is_same(layer.weight));
  sum(pow(layer.weight, 2)).backward();
  EXPECT_EQ(layer.weight.grad(), (Array{{2, 4}, {6, 8}}));
  layer.weight.zero_grad();
  EXPECT_FALSE(rebound.has_grad());
}

TEST(ParameterTest, AMovedModuleStillTrainsItsMembers) {
  Rng rng(0);
  Mlp model(rng);
  const Mlp moved = std::move(model);
  EXPECT_TRUE(moved.scale.is_same(moved.parameters()[0]));
  nn::Linear layer(2, 2, rng);
  nn::Linear taken = std::move(layer);
  taken.weight = ones({2, 2});
  EXPECT_EQ(taken.parameters()[0].value(), ones({2, 2}));
}

}  // namespace
}  // namespace xgrad
