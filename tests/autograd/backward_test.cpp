// SPDX-License-Identifier: MIT
// Results and errors of backward() and gradients().
#include <xgrad/autograd.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace xgrad {
namespace {

using test::array;
using test::leaf;
using test::message_of;
using test::numbers;
using Numbers = std::vector<double>;

TEST(BackwardTest, ATensorUsedTwiceGetsBothTerms) {
  const Tensor x = leaf({2}, {1, 2});
  sum(x + x).backward();
  EXPECT_EQ(numbers(x.grad()), (Numbers{2, 2}));
}

TEST(BackwardTest, TwoInputsOfOneOpDoNotShareTheirGradient) {
  const Tensor a = leaf({2}, {1, 2}), b = leaf({2}, {3, 4});
  sum(a + b).backward();
  sum(a * 10).backward();
  EXPECT_EQ(numbers(a.grad()), (Numbers{11, 11}));
  EXPECT_EQ(numbers(b.grad()), (Numbers{1, 1}));
}

TEST(BackwardTest, TwoIntermediatesOfOneOpDoNotShareTheirGradient) {
  const Tensor x = leaf({2}, {1, 2});
  const Tensor a = x * 2, b = x * 3;
  sum(a + b + a * 10).backward();  // dL/da = 1 + 10, dL/db = 1
  EXPECT_EQ(numbers(x.grad()), (Numbers{25, 25}));
}

TEST(BackwardTest, TheGradientThatTheCallerPassesIsNotChanged) {
  const Tensor x = leaf({2}, {1, 2});
  const Array gradient = array({2}, {3, 5});
  x.backward(gradient);
  x.backward(gradient);
  EXPECT_EQ(numbers(x.grad()), (Numbers{6, 10}));
  EXPECT_EQ(numbers(gradient), (Numbers{3, 5}));
}

TEST(BackwardTest, TheGradOfATensorMayBePassedToItsOwnBackward) {
  const Tensor x = leaf({2}, {1, 2});
  (x * 3).backward(array({2}, {1, 2}));
  (x * 3).backward(x.grad());
  EXPECT_EQ(numbers(x.grad()), (Numbers{3 + 9, 6 + 18}));
}

TEST(BackwardTest, TwoBackwardsAccumulate) {
  const Tensor x = leaf({2}, {1, 2});
  sum(x * x).backward();
  sum(x * 10).backward();
  EXPECT_EQ(numbers(x.grad()), (Numbers{12, 14}));
}

TEST(BackwardTest, AfterZeroGradTheNextBackwardOverwritesEvenNan) {
  Tensor x = leaf({3, 2}, {1, 2, 3, 4, 5, 6}), w = leaf({2, 2}, {1, 0, 0, 1}),
         b = leaf({2}, {0, 0});
  sum(linear(x, w, b)).backward();
  for (Tensor t : {x, w, b}) {
    mutable_grad(t).fill(std::numeric_limits<Scalar>::quiet_NaN());
    t.zero_grad();
    EXPECT_FALSE(t.has_grad());
  }
  sum(linear(x, w, b)).backward();
  EXPECT_EQ(numbers(x.grad()), Numbers(6, 1));
  EXPECT_EQ(numbers(w.grad()), (Numbers{9, 12, 9, 12}));
  EXPECT_EQ(numbers(b.grad()), (Numbers{3, 3}));
}

TEST(BackwardTest, AccumulationInPlaceAddsToTheEarlierGradient) {
  const Tensor x = leaf({3, 2}, {1, 2, 3, 4, 5, 6}), w = leaf({2, 2}, {1, 0, 0, 1});
  const Tensor b = leaf({2}, {0, 0});
  sum(linear(x, w, b) + linear(x, w, b) * 2).backward();
  sum(linear(x, w, b)).backward();
  EXPECT_EQ(numbers(x.grad()), Numbers(6, 4));
  EXPECT_EQ(numbers(w.grad()), (Numbers{36, 48, 36, 48}));
  EXPECT_EQ(numbers(b.grad()), (Numbers{12, 12}));
}

TEST(BackwardTest, TheGradientIsZerosBeforeAndAfterZeroGrad) {
  Tensor x = leaf({2}, {1, 2});
  EXPECT_FALSE(x.has_grad());
  EXPECT_EQ(numbers(x.grad()), (Numbers{0, 0}));
  EXPECT_FALSE(x.has_grad());
  sum(x).backward();
  EXPECT_TRUE(x.has_grad());
  x.zero_grad();
  EXPECT_EQ(numbers(x.grad()), (Numbers{0, 0}));
}

TEST(BackwardTest, ABackwardFunctionThatAddsNothingGivesZeros) {
  const Tensor x = leaf({2}, {1, 2});
  record("nothing", array({}, {3}), wrt(x, [](const Array&, Gradient&) {})).backward();
  EXPECT_TRUE(x.has_grad());
  EXPECT_EQ(numbers(x.grad()), (Numbers{0, 0}));
}

TEST(BackwardTest, OnlyTensorsThatRequireAGradientHaveOne) {
  const Tensor x = leaf(2), c(array({}, {3}));
  (x * c).backward();
  EXPECT_FALSE(c.has_grad());
  EXPECT_EQ(message_of([&] { static_cast<void>(c.grad()); }),
            "[grad] the tensor keeps no gradient; call set_requires_grad(true) before use");
}

TEST(BackwardTest, ASecondBackwardThrowsAnErrorThatSaysWhy) {
  const Tensor x = leaf(2);
  const Tensor y = x * x;
  y.backward();
  const std::string message =
      "[backward] the graph of this tensor was freed by an earlier backward(); run the forward "
      "pass again, or use gradients() to differentiate twice";
  EXPECT_EQ(message_of([&] { y.backward(); }), message);
  EXPECT_EQ(message_of([&] { gradients(y, {x}); }), message);
  EXPECT_EQ(x.grad()(), 4);
}

// If backward() throws, every gradient must be as before, and a later backward() must work.
class FailingBackwardTest : public testing::Test {
 protected:
  FailingBackwardTest() { (with_grad_ * 7).backward(); }

  void expect_nothing_changed() {
    EXPECT_EQ(with_grad_.grad()(), 7);
    EXPECT_FALSE(without_grad_.has_grad());
    EXPECT_EQ(without_grad_.grad()(), 0);
    (with_grad_ + without_grad_).backward();
    EXPECT_EQ(with_grad_.grad()(), 8);
    EXPECT_EQ(without_grad_.grad()(), 1);
  }

  Tensor with_grad_ = leaf(1);
  Tensor without_grad_ = leaf(1);
};

TEST_F(FailingBackwardTest, ChangesNothingIfAPartOfTheGraphWasFreed) {
  const Tensor shared = exp(with_grad_.detach() * 2 + leaf(1));
  shared.backward();
  const Tensor loss = with_grad_ * 2 + without_grad_ * 3 + shared;
  EXPECT_NE(message_of([&] { loss.backward(); }).find("freed by an earlier backward()"),
            std::string::npos);
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfABackwardFunctionThrows) {
  const Tensor deep = leaf(1);
  const Tensor bad =
      record("bad", deep.value(),
             wrt(deep, [](const Array&, Gradient&) { throw std::runtime_error("on purpose"); }));
  const Tensor late = leaf(1);  // newer than the bad op, so the backward pass reaches it first
  const Tensor loss = with_grad_ * 2 + without_grad_ * 3 + bad + late;
  EXPECT_EQ(message_of<std::runtime_error>([&] { loss.backward(); }), "on purpose");
  EXPECT_FALSE(deep.has_grad());
  EXPECT_FALSE(late.has_grad());
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfABackwardFunctionAddsAnotherShape) {
  const Tensor deep = leaf({2}, {1, 2});
  const Tensor bad = record("bad", array({}, {1}), wrt(deep, [](const Array&, Gradient& dx) {
                              dx.add(array({3}, {1, 2, 3}));
                            }));
  const Tensor loss = with_grad_ * 2 + without_grad_ * 3 + bad;
  EXPECT_EQ(message_of<ShapeError>([&] { loss.backward(); }),
            "[backward] a backward function added a gradient of shape (3,) to an input of shape "
            "(2,)");
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfALeafWasAssigned) {
  Tensor x = leaf(2);
  const Tensor loss = with_grad_ * 2 + without_grad_ * 3 + exp(x * x);
  x.assign(array({}, {3}));
  EXPECT_EQ(message_of([&] { loss.backward(); }),
            "[backward] a tensor was overwritten (by assign() or an optimizer's step) after the "
            "forward pass used it; run the forward pass again before backward()");
  EXPECT_FALSE(x.has_grad());
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfALeafWasAssignedAfterAnOpThatKeepsNoValue) {
  using Op = Tensor (*)(const Tensor&);
  const Op ops[] = {[](const Tensor& x) { return sum(x + 1); },
                    [](const Tensor& x) { return sum(-x); },
                    [](const Tensor& x) { return sum(x); },
                    [](const Tensor& x) {
                      return sum(reshape(x, {3, 1}));
                    },
                    [](const Tensor& x) { return sum(slice(x, 0, 1, 2)); },
                    [](const Tensor& x) { return sum(transpose(x)); },
                    [](const Tensor& x) {
                      return sum(concatenate({x, x}, 0));
                    }};
  for (const Op op : ops) {
    Tensor x = leaf({3}, {1, 2, 3});
    const Tensor loss = with_grad_ * 2 + without_grad_ * 3 + op(x);
    x.assign(array({3}, {4, 5, 6}));
    EXPECT_THROW(loss.backward(), Error);
    EXPECT_THROW(gradients(loss, {x}), Error);
    EXPECT_FALSE(x.has_grad());
  }
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfALeafWasOverwrittenInPlaceOrThroughAHandle) {
  const Tensor x = leaf(2), y = x * x;
  mutable_value(x).fill(3);
  EXPECT_THROW((with_grad_ + without_grad_ + y).backward(), Error);
  const Tensor z = exp(x);
  z.detach().assign(array({}, {1}));  // overwrites the array that the backward function of exp uses
  EXPECT_THROW((with_grad_ + without_grad_ + z).backward(), Error);
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfTheLossIsNan) {
  const Tensor nan = log(with_grad_ - 2) + without_grad_;
  EXPECT_EQ(message_of([&] { nan.backward(); }),
            "[backward] the loss is nan; lower the learning rate or look for nan in the data");
  expect_nothing_changed();
}

TEST_F(FailingBackwardTest, ChangesNothingIfTheShapeIsWrong) {
  const Tensor y = (with_grad_ + without_grad_) * Tensor(array({2}, {1, 2}));
  EXPECT_EQ(message_of<ShapeError>([&] { y.backward(); }),
            "[backward] the tensor must have one element, its shape is (2,); reduce it with sum() "
            "or mean() or pass its gradient");
  EXPECT_EQ(message_of<ShapeError>([&] { y.backward(array({1}, {1})); }),
            "[backward] shapes differ: (2,) and (1,)");
  EXPECT_EQ(message_of<ShapeError>([&] { gradients(y, {with_grad_}); }),
            "[gradients] the tensor must have one element, its shape is (2,); reduce it with sum() "
            "or mean()");
  expect_nothing_changed();
}

TEST(BackwardTest, ATensorWithoutAGraphIsRefused) {
  const std::string rest =
      "] the tensor must depend on a tensor that requires a gradient, but it does not; call "
      "set_requires_grad(true) on a leaf before the forward pass";
  const Tensor c(array({}, {3}));
  EXPECT_EQ(message_of([&] { (c * 2).backward(); }), "[backward" + rest);
  EXPECT_EQ(message_of([&] { c.backward(array({}, {1})); }), "[backward" + rest);
  EXPECT_EQ(message_of([&] { gradients(c, {leaf(1)}); }), "[gradients" + rest);
}

TEST(BackwardTest, ALossOfOneElementMayHaveAnyRank) {
  const Tensor x = leaf({1, 1}, {3});
  (x * x).backward();
  EXPECT_EQ(x.grad().shape(), x.shape());
  EXPECT_EQ(numbers(x.grad()), Numbers{6});
}

TEST(GradientsTest, GradientsEqualThoseOfBackwardAndChangeNoGrad) {
  const Tensor x = leaf({2, 3}, {1, -2, 3, 0.5, 0.2, -1}),
               w = leaf({4, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0, 2});
  const Tensor b = leaf({4}, {1, 2, 3, 4});
  const Tensor loss = mean(tanh(linear(x, w, b) * 0.1) * 3);
  const std::vector<Array> first = gradients(loss, {b, x, w});
  const std::vector<Array> second = gradients(loss, {b, x, w});
  for (const Tensor& t : {x, w, b}) EXPECT_FALSE(t.has_grad());
  loss.backward();
  EXPECT_EQ(numbers(first[0]), numbers(b.grad()));
  EXPECT_EQ(numbers(first[1]), numbers(x.grad()));
  EXPECT_EQ(numbers(first[2]), numbers(w.grad()));
  EXPECT_EQ(first, second);
  EXPECT_EQ(first[2].shape(), w.shape());
}

TEST(GradientsTest, AnEarlierGradIsNotChanged) {
  const Tensor x = leaf(2);
  (x * 5).backward();
  EXPECT_EQ(gradients(x * x, {x})[0](), 4);
  EXPECT_EQ(x.grad()(), 5);
}

TEST(GradientsTest, WrtMayContainIntermediatesTheLossAndATensorTwice) {
  const Tensor x = leaf({2}, {1, 2});
  const Tensor square = x * x;
  const Tensor loss = sum(square * 3);
  const std::vector<Array> g = gradients(loss, {square, x, x, loss});
  EXPECT_EQ(numbers(g[0]), (Numbers{3, 3}));
  EXPECT_EQ(numbers(g[1]), (Numbers{6, 12}));
  EXPECT_EQ(g[1], g[2]);
  EXPECT_EQ(numbers(g[3]), Numbers{1});
}

TEST(GradientsTest, GradientsAreZeroIfTheLossDoesNotDependOnTheTensor) {
  const Tensor x = leaf(2), other = leaf({2, 2}, {1, 2, 3, 4});
  const Array g = gradients(x * x, {other})[0];
  EXPECT_EQ(g, zeros({2, 2}));
}

TEST(GradientsTest, ATensorThatDoesNotRequireAGradientIsRefused) {
  const Tensor x = leaf(2), c(array({}, {3}));
  EXPECT_EQ(message_of([&] {
              gradients(x * c, {x, c});
            }),
            "[gradients] tensor 1 of wrt does not require a gradient; call "
            "set_requires_grad(true) before use");
}

TEST(GradientsTest, AnAssignedLeafOrANanLossIsAnError) {
  Tensor x = leaf(2);
  const Tensor y = x * x;
  x.assign(array({}, {3}));
  EXPECT_THROW(gradients(y, {x}), Error);
  EXPECT_EQ(message_of([&] { gradients(log(x - 10), {x}); }),
            "[gradients] the loss is nan; lower the learning rate or look for nan in the data");
}

TEST(BackwardTest, AnInfiniteLossIsNotAnError) {
  const Tensor x = leaf(0);
  log(x).backward();
  EXPECT_EQ(x.grad()(), std::numeric_limits<Scalar>::infinity());
}

}  // namespace
}  // namespace xgrad
