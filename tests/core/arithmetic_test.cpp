// SPDX-License-Identifier: MIT
// Compares operations on whole arrays with explicit index arithmetic.
#include "core/threads.hpp"
#include "support/tensors.hpp"

#include <gtest/gtest.h>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;
using test::Threads;

using Index = std::vector<std::size_t>;

/// Returns the index along each axis of the element with the flat index `flat`.
Index position(std::size_t flat, const Shape& shape) {
  Index index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

/// Returns the flat index of the element of an array of `shape` that broadcasting uses at `index`.
std::size_t offset(const Shape& shape, const Index& index) {
  std::size_t flat = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::size_t i = index[index.size() - shape.size() + d];
    flat = flat * shape[d] + (shape[d] == 1 ? 0 : i);
  }
  return flat;
}

Scalar element(const Array& x, const Index& index) { return x.data()[offset(x.shape(), index)]; }

Shape random_shape(Rng& rng) {
  Shape shape(rng.below(5));
  for (std::size_t& extent : shape) extent = rng.below(10) == 0 ? 0 : 1 + rng.below(6);
  return shape;
}

/// Returns a random shape that broadcasts to `shape`: some leading axes are missing and some
/// extents are 1.
Shape random_part(const Shape& shape, Rng& rng) {
  const auto dropped = static_cast<std::ptrdiff_t>(rng.below(shape.size() + 1));
  Shape part(shape.begin() + (rng.below(2) == 0 ? 0 : dropped), shape.end());
  for (std::size_t& extent : part) {
    if (rng.below(3) == 0) extent = 1;
  }
  return part;
}

/// Returns random small integers, whose sums and differences are exact.
Array integers(const Shape& shape, Rng& rng) {
  Array x = empty(shape);
  for (Scalar& value : x) value = static_cast<Scalar>(rng.below(19)) - 9;
  return x;
}

TEST(ElementwiseTest, BroadcastsRandomShapesLikeIndexArithmetic) {
  Rng rng(1);
  for (int round = 0; round < 400; ++round) {
    const Shape whole = random_shape(rng);
    const Array a = integers(random_part(whole, rng), rng);
    const Array b = integers(random_part(whole, rng), rng);
    const Array y = elementwise("sub", kernels().sub, a, b);
    ASSERT_EQ(y.shape(), broadcast_shape("sub", a.shape(), b.shape()));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Index index = position(i, y.shape());
      ASSERT_EQ(y.data()[i], element(a, index) - element(b, index))
          << to_string(a.shape()) << " and " << to_string(b.shape());
    }
  }
}

TEST(ElementwiseTest, LargeArraysAreSplitOverThreads) {
  const Threads two(2);
  Rng rng(2);
  for (const Shape& shape : {Shape{100003}, Shape{1}, Shape{2, 100003}, Shape{2, 1}}) {
    const Array a = integers(shape, rng), b = integers({2, 100003}, rng);
    const Array y = elementwise("sub", kernels().sub, a, b);
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_EQ(y.data()[i], element(a, position(i, y.shape())) - b.data()[i]) << i;
    }
  }
}

TEST(ElementwiseTest, EitherOperandMayBeANumber) {
  Rng rng(3);
  const Array x = integers({3, 5}, rng);
  const Array left = elementwise(kernels().sub, Scalar{2}, x),
              right = elementwise(kernels().sub, x, Scalar{2});
  EXPECT_EQ(left.shape(), x.shape());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(left.data()[i], 2 - x.data()[i]);
    EXPECT_EQ(right.data()[i], x.data()[i] - 2);
  }
}

TEST(ElementwiseTest, AShapeErrorNamesTheOp) {
  const Array a = zeros({2, 3}), b = zeros({4});
  EXPECT_EQ(message_of<ShapeError>([&] { elementwise("mul", kernels().mul, a, b); }),
            "[mul] shapes do not broadcast: (2, 3) and (4,); extents must be equal or 1, from the "
            "last axis");
}

TEST(ElementwiseTest, AppliesAUnaryKernelToEveryElement) {
  const Threads two(2);
  Rng rng(4);
  for (const std::size_t n : {0u, 1u, 100003u}) {
    const Array x = integers({n}, rng), y = elementwise(kernels().abs, x);
    ASSERT_EQ(y.shape(), x.shape());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(y.data()[i], std::fabs(x.data()[i]));
  }
}

TEST(AddToTest, AddsInPlace) {
  Rng rng(5);
  const Array x = integers({7, 3}, rng), before = integers({7, 3}, rng);
  Array y = before;
  const Scalar* const memory = y.data();
  add_to(y, x);
  EXPECT_EQ(y.data(), memory);
  for (std::size_t i = 0; i < 21; ++i) EXPECT_EQ(y.data()[i], before.data()[i] + x.data()[i]);
}

TEST(SumTest, SumAllIsExactOnIntegers) {
  Rng rng(6);
  const Array x = integers({123, 457}, rng);
  double sum = 0;
  for (const Scalar value : x) sum += static_cast<double>(value);
  EXPECT_EQ(sum_all(x), sum);
  EXPECT_EQ(sum_all(ones({0, 3})), 0);
  EXPECT_EQ(sum_all(full({}, 4)), 4);
}

/// Sums x over the axes along which an array of `shape` broadcasts to the shape of x.
Array plain_sum(const Array& x, const Shape& shape) {
  Array y = zeros(shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y.data()[offset(shape, position(i, x.shape()))] += x.data()[i];
  }
  return y;
}

TEST(SumTest, SumsRandomShapesAlongEveryAxis) {
  Rng rng(7);
  for (int round = 0; round < 100; ++round) {
    const Array x = integers(random_shape(rng), rng);
    for (std::size_t axis = 0; axis < x.dimension(); ++axis) {
      Array expected = plain_sum(x, reduced_shape(x.shape(), axis, true));
      ASSERT_EQ(sum_axis(x, axis, true), expected) << to_string(x.shape()) << " axis " << axis;
      expected.reshape(reduced_shape(x.shape(), axis, false));
      ASSERT_EQ(sum_axis(x, axis, false), expected) << to_string(x.shape()) << " axis " << axis;
    }
  }
}

TEST(SumTest, LargeSumsAreSplitOverThreads) {
  const Threads two(2);
  Rng rng(8);
  for (const Shape& shape : {Shape{3000, 40}, Shape{40, 3000}, Shape{2, 300, 200}}) {
    const Array x = integers(shape, rng);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      EXPECT_EQ(sum_axis(x, axis, true), plain_sum(x, reduced_shape(shape, axis, true)));
    }
  }
}

TEST(SumTest, SumToUndoesEveryBroadcast) {
  Rng rng(9);
  for (int round = 0; round < 300; ++round) {
    const Array x = integers(random_shape(rng), rng);
    const Shape part = random_part(x.shape(), rng);
    ASSERT_EQ(sum_to(x, part), plain_sum(x, part)) << to_string(x.shape()) << to_string(part);
  }
}

TEST(BroadcastToTest, RepeatsElements) {
  Rng rng(10);
  for (int round = 0; round < 100; ++round) {
    const Shape whole = random_shape(rng);
    const Array x = integers(random_part(whole, rng), rng);
    const Array y = broadcast_to(x, whole);
    ASSERT_EQ(y.shape(), whole);
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_EQ(y.data()[i], element(x, position(i, whole)));
    }
  }
}

/// Returns some of the axes of a shape, at least one.
Shape some_axes(const Shape& shape, Rng& rng) {
  Shape axes;
  for (const std::size_t axis : rng.permutation(shape.size())) {
    if (axes.empty() || rng.below(2) == 0) axes.push_back(axis);
  }
  return axes;
}

TEST(ReductionTest, SeveralAxesAreReducedTogether) {
  Rng rng(12);
  for (int round = 0; round < 300; ++round) {
    const Array x = integers(random_shape(rng), rng);
    if (x.dimension() == 0 || x.size() == 0) continue;
    const Shape axes = some_axes(x.shape(), rng);
    const Shape kept = reduced_shape(x.shape(), axes, true);
    Array most = full(kept, -1000), least = full(kept, 1000);
    for (std::size_t i = 0; i < x.size(); ++i) {
      Index to = position(i, x.shape());
      for (const std::size_t axis : axes) to[axis] = 0;
      Scalar &high = most.data()[offset(kept, to)], &low = least.data()[offset(kept, to)];
      high = std::max(high, x.data()[i]);
      low = std::min(low, x.data()[i]);
    }
    ASSERT_EQ(sum_axes(x, axes, true), plain_sum(x, kept)) << to_string(x.shape());
    ASSERT_EQ(max_axes(x, axes, true), most) << to_string(x.shape());
    ASSERT_EQ(min_axes(x, axes, true), least) << to_string(x.shape());
    EXPECT_EQ(max_axes(x, axes, false).shape(), reduced_shape(x.shape(), axes, false));
  }
}

TEST(SelectTest, BroadcastsAllThreeOperands) {
  Rng rng(13);
  for (int round = 0; round < 200; ++round) {
    const Shape whole = random_shape(rng);
    const Array mask = integers(random_part(whole, rng), rng), a = integers(whole, rng),
                b = integers(random_part(whole, rng), rng);
    const Array y = select("where", mask, a, b);
    ASSERT_EQ(y.shape(), whole);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Index at = position(i, whole);
      ASSERT_EQ(y.data()[i], element(mask, at) != 0 ? element(a, at) : element(b, at));
    }
  }
}

void expect_permuted(const Array& x, const Shape& order) {
  const Array y = permute(x, order);
  for (std::size_t d = 0; d < order.size(); ++d) ASSERT_EQ(y.shape()[d], x.shape()[order[d]]);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const Index to = position(i, y.shape());
    Index from(to.size());
    for (std::size_t d = 0; d < order.size(); ++d) from[order[d]] = to[d];
    ASSERT_EQ(y.data()[i], element(x, from)) << to_string(x.shape());
  }
}

TEST(PermuteTest, MovesAxesForRandomShapesAndOrders) {
  Rng rng(11);
  for (int round = 0; round < 200; ++round) {
    const Array x = integers(random_shape(rng), rng);
    const std::vector<std::size_t> drawn = rng.permutation(x.dimension());
    expect_permuted(x, Shape(drawn.begin(), drawn.end()));
  }
}

TEST(PermuteTest, MovesAxesThatAreLongerThanATile) {
  Rng rng(12);
  expect_permuted(integers({40, 33}, rng), {1, 0});
  Shape order{0, 1, 2, 3};
  const Array x = integers({2, 19, 3, 37}, rng);
  do {
    expect_permuted(x, order);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace xgrad
