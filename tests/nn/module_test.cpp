// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>

#include <cmath>
#include <functional>
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
