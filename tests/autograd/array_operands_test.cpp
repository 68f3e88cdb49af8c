// SPDX-License-Identifier: MIT
// Ops that combine a tensor and an array return a tensor, in either order.
#include <xgrad/autograd.hpp>

#include <gtest/gtest.h>
#include <xtensor/xview.hpp>

#include <type_traits>

namespace xgrad {
namespace {

const Array kA{1, 2, 4};
const Array kB{8, 3, 2};

// Expects f(t) to be `result` and its gradient with respect to t to be `gradient`, for t = kA.
template <class F>
void expect(F f, const Array& result, const Array& gradient) {
  const Tensor t(kA, true);
  const auto y = f(t);
  static_assert(std::is_same_v<decltype(y), const Tensor>);
  EXPECT_EQ(y.value(), result);
  sum(y).backward();
  EXPECT_EQ(t.grad(), gradient);
}

TEST(ArrayOperandTest, ArithmeticOfATensorAndAnArrayIsATensorWithItsGradient) {
  const Array ones{1, 1, 1}, minus{-1, -1, -1};
  expect([](const Tensor& t) { return t + kB; }, {9, 5, 6}, ones);
  expect([](const Tensor& t) { return kB + t; }, {9, 5, 6}, ones);
  expect([](const Tensor& t) { return t - kB; }, {-7, -1, 2}, ones);
  expect([](const Tensor& t) { return kB - t; }, {7, 1, -2}, minus);
  expect([](const Tensor& t) { return t * kB; }, {8, 6, 8}, kB);
  expect([](const Tensor& t) { return kB * t; }, {8, 6, 8}, kB);
  expect([](const Tensor& t) { return t / Array{2, 4, 8}; }, {0.5, 0.5, 0.5}, {0.5, 0.25, 0.125});
  expect([](const Tensor& t) { return kB / t; }, {8, 1.5, 0.5}, {-8, -0.75, -0.125});
  expect([](const Tensor& t) { return maximum(t, kB); }, {8, 3, 4}, {0, 0, 1});
  expect([](const Tensor& t) { return maximum(kB, t); }, {8, 3, 4}, {0, 0, 1});
  expect([](const Tensor& t) { return minimum(t, kB); }, {1, 2, 2}, {1, 1, 0});
  expect([](const Tensor& t) { return minimum(kB, t); }, {1, 2, 2}, {1, 1, 0});
}

TEST(ArrayOperandTest, MutableAndTemporaryArraysAreAccepted) {
  Array b = kB;
  Tensor t(kA);
  EXPECT_EQ((t * b).value(), (Array{8, 6, 8}));
  EXPECT_EQ((b * t).value(), (Array{8, 6, 8}));
  EXPECT_EQ((t + Array{1, 1, 1}).value(), (Array{2, 3, 5}));
  EXPECT_EQ((Array{1, 1, 1} - Tensor(kA)).value(), (Array{0, -1, -3}));
  EXPECT_EQ(b, kB);
}

TEST(ArrayOperandTest, AnExpressionOfArraysIsEvaluatedFirst) {
  const Array ones{1, 1, 1};
  expect([](const Tensor& t) { return 2 * kB + t; }, {17, 8, 8}, ones);
  expect([](const Tensor& t) { return t - (kB + kA); }, {-8, -3, -2}, ones);
  expect([](const Tensor& t) { return t * xt::view(kB, xt::range(0, 1)); }, {8, 16, 32}, {8, 8, 8});
  expect([](const Tensor& t) { return maximum(-kB, t); }, kA, ones);
  expect([](const Tensor& t) { return t * xt::sum(kB); }, {13, 26, 52}, {13, 13, 13});
}

TEST(ArrayOperandTest, NumbersAreNotTreatedAsArrays) {
  const auto is_tensor = [](auto y) { return std::is_same_v<decltype(y), Tensor>; };
  const Tensor t(kA);
  EXPECT_TRUE(is_tensor(t * 2) && is_tensor(2U * t) && is_tensor(t / 2.0F) && is_tensor(t - 1L));
  EXPECT_TRUE(is_tensor(t + kB(0)) && is_tensor(kB(0) - t));
  EXPECT_FALSE(is_tensor(2 * kB)) << "ops of arrays alone are those of xtensor";
}

TEST(ArrayOperandTest, OtherOpsOfTwoTensorsTakeArraysToo) {
  const Tensor t(Array{{1, 2}, {3, 4}});
  const Array b{{1, 0}, {0, 2}};
  EXPECT_EQ(matmul(t, b).value(), (Array{{1, 4}, {3, 8}}));
  EXPECT_EQ(matmul(b, t).value(), (Array{{1, 2}, {6, 8}}));
  EXPECT_EQ(linear(t, b, Array{10, 20}).value(), (Array{{11, 24}, {13, 28}}));
  EXPECT_EQ(linear(b, t, Array{10, 20}).value(), (Array{{11, 23}, {14, 28}}));
  EXPECT_EQ(mse_loss(t, b).item(), Scalar{4.25});
  EXPECT_EQ(mse_loss(b, t).item(), Scalar{4.25});
  EXPECT_EQ(concatenate({t, b}, 0).shape(), (Shape{4, 2}));
}

TEST(ArrayOperandTest, AShapeErrorContainsBothShapes) {
  try {
    static_cast<void>(Tensor(kA) * Array{1, 2});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_EQ(std::string(error.what()).find("[mul] shapes do not broadcast: (3,) and (2,)"), 0u);
  }
}

template <class A, class B>
concept Comparable = requires(const A& a, const B& b) {
  a < b;
};
static_assert(!Comparable<Tensor, Array> && !Comparable<Array, Tensor>);

}  // namespace
}  // namespace xgrad
