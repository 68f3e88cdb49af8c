// SPDX-License-Identifier: MIT
// Tests of Gradient, which stores the weight gradient of a single sample as two vectors. All
// functions must return the same as for a matrix.
#include <xgrad/autograd.hpp>
#include <xgrad/core/rng.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace xgrad {
namespace {

constexpr std::size_t kRows = 5, kCols = 37;

/// A gradient to which the product a b^T was added, and the same product as a matrix.
struct OuterProduct {
  Array a, b, matrix = empty({kRows, kCols});
  Gradient gradient{Shape{kRows, kCols}};
  explicit OuterProduct(std::uint64_t seed = 1) {
    Rng rng(seed);
    a = rng.normal({kRows});
    b = rng.normal({kCols});
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t j = 0; j < kCols; ++j) matrix(i, j) = a(i) * b(j);
    }
    add_to(gradient);
  }
  void add_to(Gradient& g) const {
    g.add_product(Transpose::yes, Transpose::no, kRows, kCols, 1, a.data(), b.data());
  }
};

TEST(GradientTest, ArrayReturnsTheMatrixOfAnOuterProduct) {
  OuterProduct outer;
  EXPECT_EQ(outer.gradient.array(), outer.matrix);
  EXPECT_EQ(outer.gradient.array(), outer.matrix);
}

TEST(GradientTest, SpansCoverEveryRangeOnce) {
  const OuterProduct outer;
  const Scalar* const matrix = outer.matrix.data();
  for (std::size_t begin = 0; begin < outer.matrix.size(); begin += 3) {
    for (std::size_t end = begin; end <= outer.matrix.size(); end += 7) {
      std::vector<Scalar> seen;
      outer.gradient.for_each_span(begin, end, [&](ScaledSpan g, std::size_t from, std::size_t n) {
        ASSERT_EQ(from, begin + seen.size());
        for (std::size_t i = 0; i < n; ++i) seen.push_back(g.factor * g.values[i]);
      });
      ASSERT_EQ(seen, std::vector<Scalar>(matrix + begin, matrix + end));
    }
  }
}

TEST(GradientTest, LaterTermsAreAddedToTheMatrix) {
  OuterProduct first(1);
  const OuterProduct second(2);
  second.add_to(first.gradient);
  const Array sum = first.matrix + second.matrix;
  EXPECT_TRUE(xt::allclose(first.gradient.array(), sum));
  first.gradient.add(second.matrix);
  EXPECT_TRUE(xt::allclose(first.gradient.array(), sum + second.matrix));
}

TEST(GradientTest, ClearRemovesAnOuterProduct) {
  OuterProduct outer(1);
  outer.gradient.clear();
  EXPECT_TRUE(outer.gradient.empty());
  EXPECT_EQ(outer.gradient.array(), zeros({kRows, kCols}));
  OuterProduct(2).add_to(outer.gradient);
  outer.gradient.clear();
  const OuterProduct other(3);
  other.add_to(outer.gradient);
  EXPECT_EQ(outer.gradient.array(), other.matrix);
}

/// Returns d sum(g * (x W^T + bias)) / dW, accumulated over the samples x.
Array weight_gradient(const std::vector<Array>& samples, const Array& g) {
  const Tensor weight(ones({3, 4}), true), bias(zeros({3}), true);
  for (const Array& x : samples) linear(Tensor(x), weight, bias).backward(g);
  return weight.grad();
}

TEST(GradientTest, SamplesAccumulateOverBackwardCalls) {
  const Array x1{{1, 2, 3, 4}}, x2{{-1, 0, 5, 2}}, g{{1, -2, 3}};
  const Array one = weight_gradient({x1}, g), two = weight_gradient({x2}, g);
  EXPECT_EQ(one, (Array{{1, 2, 3, 4}, {-2, -4, -6, -8}, {3, 6, 9, 12}}));
  EXPECT_EQ(weight_gradient({x1, x2}, g), Array(one + two));
  EXPECT_EQ(weight_gradient({x1, x1, x1}, g), Array(3 * one));
}

TEST(GradientTest, AWeightUsedTwiceGetsTheSumOfBothProducts) {
  const Tensor w(Array{{1, 2}, {3, 4}}, true), x(Array{{5, 6}});
  sum(matmul(x, w) + matmul(2 * x, w)).backward();
  EXPECT_EQ(w.grad(), (Array{{15, 15}, {18, 18}}));
}

TEST(GradientTest, TheSampleMayChangeAfterBackward) {
  Tensor x(Array{{1, 2, 3, 4}});
  const Tensor weight(ones({3, 4}), true), bias(zeros({3}), true);
  linear(x, weight, bias).backward(ones({1, 3}));
  x.assign(full({1, 4}, 9));
  EXPECT_EQ(weight.grad(), (Array{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}}));
}

TEST(GradientTest, RawGradThrowsIfTheTensorHasNoGradient) {
  EXPECT_THROW(raw_grad(Tensor(zeros({2}), true)), Error);
}

}  // namespace
}  // namespace xgrad
