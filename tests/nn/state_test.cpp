// SPDX-License-Identifier: MIT
// Buffers, the lists of modules, and the positions of a Sequential.
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <gtest/gtest.h>

namespace xgrad {
namespace {

using test::message_of;

/// Counts its calls in training mode.
struct Counter : nn::Module {
  Parameter count = register_buffer("count", zeros({}));
  Parameter scale = register_parameter("scale", ones({}));
  Tensor forward(const Tensor& x) override {
    if (is_training()) count = count.value() + Scalar{1};
    return x * scale;
  }
};

TEST(BufferTest, IsListedWithADottedNameAndIsNotAParameter) {
  nn::Sequential model{Counter(), nn::Sequential{Counter()}};
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.named_buffers()) {
    names.push_back(name);
    EXPECT_FALSE(tensor.requires_grad());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"0.count", "1.0.count"}));
  EXPECT_EQ(model.buffers().size(), 2u);
  EXPECT_EQ(model.parameters().size(), 2u);
  names.clear();
  for (const auto& [name, tensor] : model.named_state()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"0.scale", "1.0.scale", "0.count", "1.0.count"}));
}

TEST(BufferTest, AnAssignmentIsSeenInTheListOfBuffers) {
  Counter counter;
  const Tensor x(Array{1, 2});
  counter(x);
  counter(x);
  counter.eval();
  counter(x);
  EXPECT_EQ(counter.buffers()[0].item(), 2);
}

TEST(BufferTest, ItsNameMustNotBeThatOfAParameter) {
  struct Doubled : nn::Module {
    Doubled() {
      register_parameter("w", ones({1}));
      register_buffer("w", ones({1}));
    }
    Tensor forward(const Tensor& x) override { return x; }
  };
  EXPECT_EQ(message_of<OptionError>([] { Doubled(); }),
            "[Module] a name must not be empty, contain a dot or be registered already, got \"w\"");
}

TEST(NamedModulesTest, ListTheModuleItselfThenTheModulesInside) {
  nn::Sequential model{nn::ReLU(), nn::Sequential{nn::Tanh(), Counter()}, nn::Flatten()};
  std::vector<std::string> names;
  for (const auto& [name, module] : model.named_modules()) {
    names.push_back(name + ":" + module->description());
  }
  EXPECT_EQ(names, (std::vector<std::string>{":Sequential", "0:ReLU", "1:Sequential", "1.0:Tanh",
                                             "1.1:Counter", "2:Flatten"}));
  EXPECT_EQ(model.named_modules()[0].second, &model);
  const nn::Module& constant = model;
  const nn::Named<const nn::Module*> list = constant.named_modules();
  EXPECT_EQ(list.size(), 6u);
  EXPECT_EQ(list[1].second, &model[0]);
}

TEST(DescriptionTest, NamesTheClassAndTheOptions) {
  Rng rng(1);
  EXPECT_EQ(nn::LeakyReLU(0.2).description(), "LeakyReLU(0.2)");
  EXPECT_EQ(nn::Dropout(0.5, rng).description(), "Dropout(0.5)");
  EXPECT_EQ(nn::Softmax(0).description(), "Softmax(0)");
  EXPECT_EQ(nn::Identity().description(), "Identity");
  EXPECT_EQ(nn::Linear(3, 2, rng).description(), "Linear(3, 2)");
}

TEST(SequentialTest, GivesALayerByItsPosition) {
  Rng rng(1);
  nn::Sequential model{nn::Linear(3, 4, rng), nn::ReLU()};
  const nn::Sequential& same = model;
  EXPECT_EQ(model.size(), 2u);
  EXPECT_EQ(dynamic_cast<nn::Linear&>(model[0]).weight.shape(), (Shape{4, 3}));
  EXPECT_EQ(&same[1], &model[1]);
  EXPECT_EQ(message_of<OptionError>([&] { model[2]; }),
            "[Sequential] the index must be below the number of layers, 2, got 2");
}

}  // namespace
}  // namespace xgrad
