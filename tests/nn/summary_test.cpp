// SPDX-License-Identifier: MIT
#include <support/tensors.hpp>
#include <xgrad/nn.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace xgrad {
namespace {

TEST(SummaryTest, ListsLayersShapesParametersMultiplyAddsAndTotals) {
  Rng rng(1);
  nn::Sequential model{nn::Flatten(), nn::Linear(784, 128, rng), nn::ReLU(),
                       nn::Linear(128, 10, rng, {.bias = false})};
  // 784 * 128 + 128 parameters and 32 * 784 * 128 multiply-adds in the first linear layer
  EXPECT_EQ(nn::summary(model, {32, 1, 28, 28}),
            "layer                             output shape  parameters  multiply-adds\n"
            "0  Flatten                        (32, 784)              0              0\n"
            "1  Linear(784, 128)               (32, 128)        100,480      3,211,264\n"
            "2  ReLU                           (32, 128)              0              0\n"
            "3  Linear(128, 10, bias = false)  (32, 10)           1,280         40,960\n"
            "total                                              101,760      3,252,224\n");
}

/// A model with a parameter of its own and a layer that it calls twice.
struct Recurrent : nn::Module {
  explicit Recurrent(Rng& rng)
      : start(register_parameter("start", zeros({4}))),
        step(register_module("step", nn::Linear(4, 4, rng))),
        unused(register_module("unused", nn::Linear(2, 2, rng))) {}
  Tensor forward(const Tensor& x) override { return step(step(x + start)); }
  Parameter start;
  nn::Linear &step, &unused;
};

TEST(SummaryTest, CountsRepeatedCallsAndTiedParametersOnce) {
  Rng rng(1);
  nn::Sequential model{Recurrent(rng), nn::Sequential{nn::Linear(4, 4, rng)}};
  nn::tie(dynamic_cast<Recurrent&>(model[0]).step.weight,
          dynamic_cast<nn::Linear&>(dynamic_cast<nn::Sequential&>(model[1])[0]).weight);
  EXPECT_EQ(nn::summary(model, {1, 4}),
            "layer                   output shape  parameters  multiply-adds\n"
            "0  Recurrent            (1, 4)                 4              0\n"
            "0.step  Linear(4, 4)    (1, 4)                20             32\n"
            "0.unused  Linear(2, 2)  not called             6              0\n"
            "1.0  Linear(4, 4)       (1, 4)                 4             16\n"
            "total                                         34             48\n");
}

TEST(SummaryTest, ASingleLayerIsOneLine) {
  Rng rng(1);
  nn::Linear layer(2, 3, rng);
  EXPECT_EQ(nn::summary(layer, {5, 2}),
            "layer         output shape  parameters  multiply-adds\n"
            "Linear(2, 3)  (5, 3)                 9             30\n"
            "total                                9             30\n");
}

TEST(SummaryTest, LeavesTheModelAsItWas) {
  Rng rng(1);
  nn::Sequential model{nn::Linear(3, 4, rng), nn::Dropout(0.5, rng)};
  model[0].eval();
  const Rng::State state = model.named_rngs()[0].second->state();
  nn::summary(model, {1, 3});
  EXPECT_THROW(nn::summary(model, {1, 5}), ShapeError);
  EXPECT_FALSE(model[0].is_training());
  EXPECT_TRUE(model[1].is_training());
  EXPECT_EQ(model.named_rngs()[0].second->state(), state);
  EXPECT_THROW(model[0].remove_forward_hook(0), OptionError) << "the hooks were removed";
}

TEST(PrintTest, AModelIsPrintedWithItsLayersIndented) {
  Rng rng(1);
  const nn::Sequential model{nn::Linear(3, 4, rng),
                             nn::Sequential{nn::ReLU(), nn::Linear(4, 2, rng)}};
  std::ostringstream out;
  out << model << "|" << model[0];
  EXPECT_EQ(out.str(),
            "Sequential\n"
            "  0: Linear(3, 4)\n"
            "  1: Sequential\n"
            "    0: ReLU\n"
            "    1: Linear(4, 2)|Linear(3, 4)");
}

}  // namespace
}  // namespace xgrad
