// SPDX-License-Identifier: MIT
// Tests of the lifetime and the length of graphs, of NoGradGuard, of Tensor, and of custom ops.
#include <xgrad/autograd.hpp>
#include <xgrad/autograd/testing.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

namespace xgrad {
namespace {

using test::array;
using test::leaf;
using test::message_of;
using test::numbers;

constexpr int kLong = 200'000;
using Numbers = std::vector<double>;

TEST(GraphTest, AChainOf200000OpsGoesForwardAndBackwardAndIsReleased) {
  const std::size_t before = live_tensors();
  {
    const Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < kLong; ++i) y = y + 1;
    EXPECT_EQ(y.item(), 1 + kLong);
    y.backward();
    EXPECT_EQ(x.grad()(), 1);
    EXPECT_EQ(live_tensors(), before + 2) << "only x and y are left";
  }
  EXPECT_EQ(live_tensors(), before);
}

TEST(GraphTest, AChainOf200000OpsIsReleasedWithoutABackward) {
  const std::size_t before = live_tensors();
  {
    Tensor y = leaf(1);
    for (int i = 0; i < kLong; ++i) y = -y;
    EXPECT_EQ(live_tensors(), before + kLong + 1);
  }
  EXPECT_EQ(live_tensors(), before);
}

TEST(GraphTest, ALongChainOfDiamondsIsReleasedWithoutABackward) {
  const std::size_t before = live_tensors();
  {
    Tensor y = leaf(1);
    for (int i = 0; i < kLong / 4; ++i) y = y * 0.5 + (y + y) * 0.25;
    EXPECT_FLOAT_EQ(static_cast<float>(y.item()), 1);
  }
  EXPECT_EQ(live_tensors(), before);
}

TEST(GraphTest, GradientsOfALongChainDoNotFreeIt) {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int i = 0; i < kLong; ++i) y = -y;
  EXPECT_EQ(gradients(y, {x})[0](), 1);
  y.backward();
  EXPECT_EQ(x.grad()(), 1);
}

TEST(GraphTest, DoublingSixtyTimesTakesMillisecondsAndGives2ToThe60) {
  const auto start = std::chrono::steady_clock::now();
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int i = 0; i < 60; ++i) y = y + y;
  y.backward();
  EXPECT_EQ(x.grad()(), std::ldexp(1.0, 60));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(GraphTest, ATrainingLoopLeavesNoTensorBehind) {
  Tensor weight = leaf({2, 3}, {1, 2, 3, 4, 5, 6}), bias = leaf({2}, {0.5, -0.5});
  const std::size_t before = live_tensors();
  for (int step = 0; step < 10; ++step) {
    weight.zero_grad();
    bias.zero_grad();
    const Tensor x(full({4, 3}, 0.1f));
    const Tensor loss = mean(relu(linear(x, weight, bias)) * linear(x, weight, bias));
    loss.backward();
    weight.assign(weight.value() * 0.9f);
  }
  EXPECT_EQ(live_tensors(), before);
}

TEST(GraphTest, BackwardFreesTheIntermediateTensors) {
  const Tensor x = leaf({2}, {1, 2});
  const std::size_t before = live_tensors();
  const Tensor loss = sum(exp(0.5 * tanh(x)));
  loss.backward();
  EXPECT_EQ(live_tensors(), before + 1) << "only the loss is left";
}

TEST(GraphTest, AnInputThatNeedsNoGradientKeepsNoBackwardFunctionAlive) {
  const auto kept = std::make_shared<int>(1);
  const Tensor x(ones({})), y = leaf(1);
  const auto backward = [kept](const Array& g, Gradient& dx) { dx.add(g); };
  const Tensor z = record("both", x.value(), wrt(x, backward), wrt(y, backward));
  EXPECT_EQ(kept.use_count(), 3) << "one here, one in `backward`, one in the edge of y";
  z.backward();
  EXPECT_EQ(kept.use_count(), 2);
}

TEST(NoGradGuardTest, NothingIsRecordedWhileItLives) {
  const Tensor x = leaf({2}, {1, 2});
  const std::size_t before = live_tensors();
  const NoGradGuard guard;
  const Tensor y = sum(exp(x * x));
  EXPECT_EQ(live_tensors(), before + 1) << "only y";
  EXPECT_FALSE(y.requires_grad());
  EXPECT_TRUE(y.is_leaf());
  EXPECT_TRUE(x.requires_grad());
  EXPECT_EQ(message_of([&] { y.backward(); }),
            "[backward] the tensor must depend on a tensor that requires a gradient, but it does "
            "not; call set_requires_grad(true) on a leaf before the forward pass");
}

TEST(NoGradGuardTest, NestsAndEndsWithItsScope) {
  EXPECT_TRUE(grad_enabled());
  {
    const NoGradGuard outer;
    { const NoGradGuard inner; }
    EXPECT_FALSE(grad_enabled());
  }
  EXPECT_TRUE(grad_enabled());
  EXPECT_TRUE((leaf(1) * 2).requires_grad());
}

TEST(NoGradGuardTest, EndsWhenAnExceptionLeavesItsScope) {
  const auto fail = [] {
    const NoGradGuard guard;
    throw Error("[test] on purpose");
  };
  EXPECT_THROW(fail(), Error);
  EXPECT_TRUE(grad_enabled());
}

TEST(NoGradGuardTest, AffectsOnlyItsOwnThread) {
  const NoGradGuard guard;
  bool recorded = false;
  std::thread([&] { recorded = (leaf(1) * 2).requires_grad(); }).join();
  EXPECT_TRUE(recorded);
}

TEST(NoGradGuardTest, BackwardWorksInsideItOnAGraphMadeBefore) {
  const Tensor x = leaf(3);
  const Tensor y = x * x;
  const NoGradGuard guard;
  y.backward();
  EXPECT_EQ(x.grad()(), 6);
}

TEST(GraphTest, TwoThreadsTrainSideBySide) {
  const Tensor shared(array({2}, {1, 2}));
  const auto train = [&shared](double start, Numbers& result) {
    const Tensor x = leaf({2}, {start, -start});
    for (int i = 0; i < 200; ++i) sum(tanh(x * shared) * x).backward();
    result = numbers(x.grad());
  };
  Numbers alone1, alone2, both1, both2;
  train(0.5, alone1);
  train(1.5, alone2);
  std::thread other([&] { train(0.5, both1); });
  train(1.5, both2);
  other.join();
  EXPECT_EQ(both1, alone1);
  EXPECT_EQ(both2, alone2);
}

TEST(TensorTest, TheDefaultIsTheNumberZero) {
  const Tensor zero;
  EXPECT_EQ(zero.item(), 0);
  EXPECT_EQ(zero.ndim(), 0u);
  EXPECT_FALSE(zero.requires_grad());
}

TEST(TensorTest, ACopyIsTheSameTensor) {
  Tensor x = leaf({2}, {1, 2});
  const Tensor same = x;
  EXPECT_TRUE(same.is_same(x));
  x.assign(array({2}, {5, 6}));
  sum(x).backward();
  EXPECT_EQ(numbers(same.value()), (Numbers{5, 6}));
  EXPECT_EQ(numbers(same.grad()), (Numbers{1, 1}));
}

TEST(TensorTest, ItemIsForOneElementOnly) {
  EXPECT_EQ(Tensor(array({1, 1}, {7})).item(), 7);
  EXPECT_EQ(message_of<ShapeError>([] {
              Tensor(array({2}, {1, 2})).item();
            }),
            "[item] the tensor must have one element, its shape is (2,)");
  EXPECT_THROW(Tensor(Array::from_shape({0})).item(), ShapeError);
}

TEST(TensorTest, DetachSharesTheValueAndCutsTheHistory) {
  const Tensor x = leaf(3);
  const Tensor y = x * 2;
  const Tensor cut = y.detach();
  EXPECT_TRUE(cut.is_leaf());
  EXPECT_FALSE(cut.requires_grad());
  EXPECT_EQ(cut.value().data(), y.value().data());
  (y * cut).backward();
  EXPECT_EQ(x.grad()(), 12) << "2 y, not 4 y";
}

TEST(TensorTest, AssignAndSetRequiresGradNeedALeaf) {
  Tensor x = leaf(1);
  Tensor y = x * 2;
  const std::string rest =
      "] the tensor must be a leaf, but it is the result of mul; detach() returns a leaf";
  EXPECT_EQ(message_of([&] { y.set_requires_grad(false); }), "[set_requires_grad" + rest);
  EXPECT_EQ(message_of([&] { y.assign(array({}, {1})); }), "[assign" + rest);
  EXPECT_EQ(message_of([&] { static_cast<void>(y.grad()); }), "[grad" + rest);
  EXPECT_TRUE(y.requires_grad());
  EXPECT_EQ(y.item(), 2);
  x.set_requires_grad(false);
  EXPECT_FALSE((x * 2).requires_grad());
}

TEST(TensorTest, AssignKeepsTheShape) {
  Tensor x = leaf({2}, {1, 2});
  EXPECT_EQ(message_of<ShapeError>([&] {
              x.assign(array({1, 2}, {3, 4}));
            }),
            "[assign] shapes differ: (2,) and (1, 2)");
  EXPECT_EQ(numbers(x.value()), (Numbers{1, 2}));
  x.assign(x.value());
  EXPECT_EQ(numbers(x.value()), (Numbers{1, 2}));
}

TEST(CustomOpTest, AnOpOfAnotherProgramHasItsGradient) {
  const auto cube = [](const Tensor& x) {
    const SavedArray saved(x);
    const Array& v = x.value();
    return record("cube", Array(v * v * v), wrt(x, [saved](const Array& g, Gradient& dx) {
                    dx.add(3 * *saved * *saved * g);
                  }));
  };
  const Tensor x = leaf({3}, {1, -2, 3});
  sum(cube(x)).backward();
  EXPECT_EQ(numbers(x.grad()), (Numbers{3, 12, 27}));
  EXPECT_TRUE(gradcheck([&](const std::vector<Tensor>& in) { return cube(in[0]); },
                        {array({2}, {0.5, -0.8})})
                  .passed);
}

TEST(CustomOpTest, ABackwardFunctionNeedNotSumOverBroadcastAxes) {
  const Tensor row = leaf({1, 2}, {1, 2}), column = leaf({3, 1}, {1, 2, 3}), one = leaf(1);
  const auto pass = [](const Array& g, Gradient& dx) { dx.add(g); };
  const Tensor y =
      record("outer", zeros({3, 2}), wrt(row, pass), wrt(column, pass), wrt(one, pass));
  y.backward(array({3, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(numbers(row.grad()), (Numbers{9, 12}));
  EXPECT_EQ(numbers(column.grad()), (Numbers{3, 7, 11}));
  EXPECT_EQ(one.grad()(), 21);
}

TEST(CustomOpTest, ABackwardFunctionThatAddsNothingGivesZeros) {
  const Tensor x = leaf({2}, {1, 2});
  record("round", x.value(), wrt(x, [](const Array&, Gradient&) {})).backward(ones({2}));
  EXPECT_EQ(numbers(x.grad()), (Numbers{0, 0}));
}

}  // namespace
}  // namespace xgrad
