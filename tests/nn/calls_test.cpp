// SPDX-License-Identifier: MIT
// Calls of modules: the evaluation of a const model, hooks, and errors that name the layer.
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;

nn::Sequential nested(Rng& rng, std::size_t width) {
  return nn::Sequential{nn::Linear(3, 4, rng),
                        nn::Sequential{nn::ReLU(), nn::Linear(width, 2, rng)}};
}

TEST(ConstCallTest, AConstModelCanBeCalledInEvaluationMode) {
  Rng rng(1);
  nn::Sequential model{nn::Linear(3, 4, rng), nn::Dropout(0.5, rng), nn::Linear(4, 2, rng)};
  const nn::Module& same = model;
  const Tensor x(ones({5, 3}));
  model.eval();
  EXPECT_EQ(same(x).value(), model(x).value());
  const nn::Sequential moved = std::move(model);
  EXPECT_EQ(moved(x).shape(), (Shape{5, 2}));
}

TEST(ConstCallTest, SeveralThreadsMayCallOneModel) {
  Rng rng(1);
  nn::Sequential net{nn::Linear(3, 4, rng), nn::Dropout(0.5, rng), nn::Linear(4, 2, rng)};
  net.eval();
  const nn::Sequential& model = net;
  const Tensor x(rng.normal({5, 3}));
  const Array expected = model(x).value();
  std::array<Array, 4> results;
  std::vector<std::thread> threads;
  for (Array& result : results) {
    threads.emplace_back([&model, &x, &result] {
      for (int i = 0; i < 50; ++i) result = model(x).value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Array& result : results) EXPECT_EQ(result, expected);
}

TEST(ConstCallTest, InTrainingModeItThrowsAndChangesNothing) {
  Rng rng(1);
  nn::Sequential model{nn::Linear(3, 4, rng), nn::Dropout(0.5, rng)};
  const nn::Sequential& same = model;
  const Rng::State state = model.named_rngs()[0].second->state();
  const std::string message =
      "[Module] a const Sequential must be in evaluation mode, but it is in training mode, in "
      "which a call may change it; call eval() first";
  EXPECT_EQ(message_of([&] { same(Tensor(ones({5, 3}))); }), message);
  model.eval();
  model[1].train();
  EXPECT_EQ(message_of([&] { same(Tensor(ones({5, 3}))); }), message) << "a layer in training mode";
  EXPECT_EQ(model.named_rngs()[0].second->state(), state);
}

TEST(HookTest, HooksSeeTheModuleItsInputAndItsOutput) {
  Rng rng(1);
  nn::Sequential model{nn::Linear(3, 4, rng), nn::ReLU()};
  std::vector<std::string> seen;
  const auto record = [&](nn::Module& module, const Tensor& x, const Tensor& y) {
    seen.push_back(module.description() + " " + to_string(x.shape()) + " " + to_string(y.shape()));
  };
  model.register_forward_hook(record);
  const std::size_t number = model[0].register_forward_hook(record);
  model(Tensor(ones({2, 3})));
  EXPECT_EQ(seen,
            (std::vector<std::string>{"Linear(3, 4) (2, 3) (2, 4)", "Sequential (2, 3) (2, 4)"}));
  model[0].remove_forward_hook(number);
  seen.clear();
  model.forward(Tensor(ones({2, 3})));
  EXPECT_TRUE(seen.empty()) << "forward() alone calls no hook";
  EXPECT_EQ(message_of<OptionError>([&] { model[0].remove_forward_hook(number); }),
            "[Module] Linear(3, 4) has no forward hook 0");
}

TEST(HookTest, AHookMayRemoveItself) {
  nn::ReLU layer;
  int calls = 0;
  std::size_t number = 0;
  number = layer.register_forward_hook([&](nn::Module& module, const Tensor&, const Tensor&) {
    ++calls;
    module.remove_forward_hook(number);
  });
  layer(Tensor(ones({2})));
  layer(Tensor(ones({2})));
  EXPECT_EQ(calls, 1);
}

TEST(LayerErrorTest, AnErrorNamesTheLayerOnce) {
  Rng rng(1);
  nn::Sequential model = nested(rng, 5);
  const std::string message =
      "[linear] the last extents of the input and the weight must be equal: (7, 4) and (2, 5)";
  EXPECT_EQ(message_of<ShapeError>([&] {
              model(Tensor(ones({7, 3})));
            }),
            message + " (in layer \"1.1\": Linear(5, 2))");
  EXPECT_EQ(message_of<ShapeError>([&] {
              model[1](Tensor(ones({7, 4})));
            }),
            message + " (in layer \"1\": Linear(5, 2))");
}

TEST(LayerErrorTest, AnErrorOfTheModelItselfNamesItsClass) {
  struct Wrong : nn::Module {
    Tensor forward(const Tensor& x) override { return reshape(x, {7}); }
  } model;
  const std::string message = message_of<ShapeError>([&] { model(Tensor(ones({2}))); });
  EXPECT_EQ(message.substr(message.rfind('(')), "(in Wrong)");
}

TEST(LayerErrorTest, ADataErrorNamesTheLayerAndOtherErrorsStayTheSame) {
  struct Throws : nn::Module {
    Tensor forward(const Tensor& x) override {
      if (x.ndim() == 0) throw DataError("[Throws] index 7");
      throw OptionError("[Throws] option");
    }
  };
  nn::Sequential model{nn::Identity(), Throws()};
  EXPECT_EQ(message_of<DataError>([&] { model(Tensor()); }),
            "[Throws] index 7 (in layer \"1\": Throws)");
  EXPECT_EQ(message_of<OptionError>([&] { model(Tensor(ones({1}))); }), "[Throws] option");
}

/// Calls f(layer, an input of the right shape, a wrong input) for each layer.
template <class F>
void for_each_layer(F f) {
  Rng rng(1);
  const Array image = rng.normal({2, 3, 5, 4}), row = rng.normal({3, 4}), number = zeros({});
  const auto call = [&](auto layer, const Array& x, const Array& wrong) {
    f(static_cast<nn::Module&>(layer), Tensor(x), Tensor(wrong));
  };
  call(nn::Linear(4, 2, rng), row, ones({3, 5}));
  call(nn::Conv2d(3, 2, 3, rng), image, row);
  call(nn::MaxPool2d(2), image, ones({2, 3, 1, 1}));
  call(nn::AvgPool2d(2), image, ones({2, 3, 1, 1}));
  call(nn::BatchNorm1d(4), row, image);
  call(nn::BatchNorm2d(3), image, row);
  call(nn::LayerNorm(4), row, ones({3, 5}));
  call(nn::Embedding(6, 2, rng), Array{5, 0, 3}, Array{6});
  call(nn::Flatten(), image, number);
  call(nn::Softmax(1), row, ones({3}));
}

TEST(LayerErrorTest, EveryLayerIsNamedIfItsInputIsWrong) {
  for_each_layer([](nn::Module& layer, const Tensor& x, const Tensor& wrong) {
    EXPECT_NO_THROW(layer(x)) << layer.description();
    layer.eval();
    const nn::Module& same = layer;
    for (const auto& call : {std::function([&] { layer(wrong); }), {[&] { same(wrong); }}}) {
      const std::string message = message_of<Error>(call),
                        place = " (in " + layer.description() + ")";
      EXPECT_EQ(message.find('['), 0u) << message;
      EXPECT_EQ(message.find(place), message.size() - place.size()) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  });
}

TEST(ConstCallTest, EveryLayerGivesTheSameBitsAndDoesNotChange) {
  for_each_layer([](nn::Module& layer, const Tensor& x, const Tensor&) {
    layer(x);  // moves the running statistics
    layer.eval();
    const nn::Module& same = layer;
    std::vector<Array> before;
    for (const auto& [name, tensor] : layer.named_state()) before.push_back(tensor.value());
    EXPECT_EQ(same(x).value(), layer(x).value()) << layer.description();
    std::size_t i = 0;
    for (const auto& [name, tensor] : layer.named_state()) EXPECT_EQ(tensor.value(), before[i++]);
  });
}

/// A model with a layer that is a plain member.
struct Forgetful : nn::Module {
  explicit Forgetful(Rng& rng)
      : hidden(register_module("hidden", nn::Linear(3, 4, rng))), output(4, 2, rng) {}
  Tensor forward(const Tensor& x) override { return output(nn::ReLU()(hidden(x))); }
  nn::Linear& hidden;
  nn::Linear output;
};

TEST(UnregisteredLayerTest, IsFoundByTheFirstCallInTrainingMode) {
  Rng rng(1);
  Forgetful model(rng);
  const Tensor x(ones({5, 3}));
  const std::string message =
      "[Module] the layers of Forgetful must be registered, but Linear(4, 2) is not, so that it "
      "would not be trained or saved; store it with register_module(), or call forward() of a "
      "module that belongs to another model";
  EXPECT_EQ(message_of([&] { model(x); }), message);
  EXPECT_EQ(message_of([&] { nn::Sequential{std::move(model)}(x); }), message);
}

TEST(UnregisteredLayerTest, IsFoundInAListOfLayers) {
  struct Ensemble : nn::Module {
    explicit Ensemble(Rng& rng) {
      for (int i = 0; i < 2; ++i) members.emplace_back(3, 1, rng);
    }
    Tensor forward(const Tensor& x) override { return members[0](x) + members[1](x); }
    std::vector<nn::Linear> members;
  };
  Rng rng(1);
  Ensemble model(rng);
  EXPECT_THROW(model(Tensor(ones({5, 3}))), Error);
}

TEST(UnregisteredLayerTest, IsAcceptedIfNothingIsTrained) {
  Rng rng(1);
  Forgetful model(rng);
  const Tensor x(ones({5, 3}));
  {
    const NoGradGuard no_grad;
    EXPECT_EQ(model(x).shape(), (Shape{5, 2}));
  }
  model.eval();
  EXPECT_EQ(model(x).shape(), (Shape{5, 2}));
  model.train();
  model.output.set_requires_grad(false);
  EXPECT_EQ(model(x).shape(), (Shape{5, 2}));
}

/// A model whose layer is a plain member that has no parameters to train.
template <class Layer>
struct WithPlain : nn::Module {
  explicit WithPlain(Layer l) : layer(std::move(l)) {}
  Tensor forward(const Tensor& x) override { return layer(x); }
  Layer layer;
};

TEST(UnregisteredLayerTest, ALayerThatDependsOnTheModeIsFoundInBothModes) {
  Rng rng(1);
  const Tensor x(ones({2, 3}));
  const auto message = [](const std::string& model, const std::string& layer) {
    return "[Module] the layers of " + model + " must be registered, but " + layer +
           " is not, so that eval() would not reach it; store it with register_module(), or call "
           "forward() of a module that belongs to another model";
  };
  WithPlain dropout(nn::Dropout(0.5, rng));
  WithPlain inner(nn::Sequential{nn::ReLU(), nn::Dropout(0.5, rng)});
  WithPlain norm{nn::BatchNorm1d(3)};
  norm.layer.set_requires_grad(false);
  for (const bool training : {true, false}) {
    for (nn::Module* const model : std::initializer_list<nn::Module*>{&dropout, &inner, &norm}) {
      if (!training) model->eval();
    }
    EXPECT_EQ(message_of([&] { dropout(x); }), message(dropout.description(), "Dropout(0.5)"));
    EXPECT_EQ(message_of([&] { inner(x); }), message(inner.description(), "Sequential"));
    EXPECT_EQ(message_of([&] { norm(x); }), message(norm.description(), "BatchNorm1d(3)"));
    const NoGradGuard no_grad;
    EXPECT_THROW(dropout(x), Error);
  }
}

TEST(UnregisteredLayerTest, ALayerInEvaluationModeOrWithoutStateIsAccepted) {
  Rng rng(1);
  const Tensor x(ones({2, 3}));
  WithPlain dropout(nn::Dropout(0.5, rng));
  dropout.layer.eval();
  EXPECT_EQ(dropout(x).value(), x.value());
  EXPECT_EQ(WithPlain(nn::ReLU())(x).value(), x.value());
}

TEST(UnregisteredLayerTest, AModelMayCallItselfAndForwardOfAnotherModel) {
  struct Twice : nn::Module {
    explicit Twice(nn::Module& o)
        : other(o), weight(register_parameter("weight", Array{1, 2, 3})) {}
    Tensor forward(const Tensor& x) override {
      if (x.ndim() == 2) return (*this)(reshape(x, {3}));
      return other.forward(x * weight);
    }
    nn::Module& other;
    Parameter weight;
  };
  Rng rng(1);
  nn::Linear other(3, 2, rng);
  Twice model(other);
  EXPECT_EQ(model(Tensor(ones({1, 3}))).shape(), (Shape{2}));
}

TEST(CallTest, TheCallsOfAThreadDoNotConcernAnother) {
  struct Starts : nn::Module {
    explicit Starts(nn::Module& o) : other(o) {}
    Tensor forward(const Tensor& x) override {
      Tensor y;
      std::thread([&] { y = other(x); }).join();
      return y;
    }
    nn::Module& other;
  };
  Rng rng(1);
  nn::Linear other(3, 2, rng);
  Starts model(other);
  EXPECT_EQ(model(Tensor(ones({1, 3}))).shape(), (Shape{1, 2}));
}

}  // namespace
}  // namespace xgrad
