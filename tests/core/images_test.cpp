// SPDX-License-Identifier: MIT
// Compares the kernels of convolutions and pooling with plain loops.
#include "support/kernel_checks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace xgrad {
namespace {

using test::expect_close;
using test::Guarded;
using test::kLengths;

constexpr Scalar kNan = std::numeric_limits<Scalar>::quiet_NaN();

// Rows of the right matrix that overlap and are not in order, with numbers behind the last one.
struct Right {
  Right(std::size_t depth, std::size_t columns)
      : numbers(3 * depth + columns + kRowSlack, 7, -1, 1) {
    for (std::size_t k = 0; k < depth; ++k) offsets.push_back((5 * k + 3) % (3 * depth));
  }
  RowsAt rows() const { return {numbers.data(), offsets.data()}; }
  Guarded numbers;
  std::vector<std::size_t> offsets;
};

TEST(ProductKernelTest, EqualsAPlainLoopForEverySize) {
  for (const std::size_t rows : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 17u}) {
    for (const std::size_t columns : kLengths) {
      const std::size_t depth = columns % 5 * 9, a_stride = depth + 2, c_stride = columns + 3;
      const Right b(depth, columns);
      const Guarded a(rows * a_stride, 1, -1, 1), start(rows, 2, -1, 1);
      const Guarded old(rows * c_stride, 3, -1, 1);
      Guarded c = old, sum = old;
      kernels().product(rows, columns, depth, a.data(), a_stride, b.rows(), start.data(), c.data(),
                        c_stride);
      kernels().product(rows, columns, depth, a.data(), a_stride, b.rows(), nullptr, sum.data(),
                        c_stride);
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < c_stride; ++j) {
          const std::size_t at = i * c_stride + j;
          long double product = 0;
          for (std::size_t k = 0; k < depth && j < columns; ++k) {
            product += static_cast<long double>(a[i * a_stride + k]) * b.numbers[b.offsets[k] + j];
          }
          const bool is_inside = j < columns;
          const auto want = static_cast<double>(product + (is_inside ? start[i] : old[at]));
          expect_close(c[at], want, "with a start", 16);
          expect_close(sum[at], static_cast<double>(product + old[at]), "added to C", 16);
        }
      }
      ASSERT_TRUE(c.is_intact() && sum.is_intact()) << rows << " x " << columns;
    }
  }
}

TEST(LineKernelsTest, CopyAndAddLinesOfEveryLength) {
  for (const std::size_t n : kLengths) {
    constexpr std::size_t lines = 3;
    const std::size_t x_stride = n + 2, y_stride = n + 5;
    const Guarded x(lines * x_stride, 1, -1, 1), old(lines * y_stride, 2, -1, 1);
    Guarded copy = old, sum = old;
    kernels().copy_lines(x.data(), x_stride, copy.data(), y_stride, lines, n);
    kernels().add_lines(x.data(), x_stride, sum.data(), y_stride, lines, n);
    for (std::size_t line = 0; line < lines; ++line) {
      for (std::size_t k = 0; k < y_stride; ++k) {
        const std::size_t at = line * y_stride + k;
        const Scalar from = x[line * x_stride + (k < n ? k : 0)];
        ASSERT_EQ(copy[at], k < n ? from : old[at]) << n << ": " << k;
        ASSERT_EQ(sum[at], k < n ? from + old[at] : old[at]) << n << ": " << k;
      }
    }
    ASSERT_TRUE(copy.is_intact() && sum.is_intact()) << n;
  }
}

TEST(LargestKernelsTest, TheFirstLargestOfEachColumnIsFound) {
  for (const std::size_t n : kLengths) {
    for (const std::size_t lines : {1u, 2u, 3u}) {
      Guarded x(lines * n, 1, -3, 3), y(n, 2, 0, 1);
      for (std::size_t i = 0; i < lines * n; ++i)
        x[i] = std::round(x[i]);  // so that some are equal
      std::vector<Position> position(n + 1, -1);
      kernels().largest_of_columns(x.data(), lines, n, 100, y.data(), position.data());
      for (std::size_t k = 0; k < n; ++k) {
        std::size_t best = k;
        for (std::size_t i = k; i < lines * n; i += n) best = x[i] > x[best] ? i : best;
        ASSERT_EQ(y[k], x[best]) << n << ": " << k;
        ASSERT_EQ(position[k], static_cast<Position>(100 + best)) << n << ": " << k;
      }
      ASSERT_TRUE(y.is_intact() && position[n] == -1) << n;
    }
  }
}

TEST(LargestKernelsTest, NanIsTheLargest) {
  const std::vector<Scalar> x{1, kNan, 3, 4, 5, kNan};
  Scalar y[3];
  Position position[3];
  kernels().largest_of_columns(x.data(), 2, 3, 0, y, position);
  EXPECT_EQ(y[0], 4);
  EXPECT_TRUE(std::isnan(y[1]) && std::isnan(y[2]));
  EXPECT_EQ(std::vector<Position>(position, position + 3), (std::vector<Position>{3, 1, 5}));
  Scalar most[3] = {9, 9, 9};
  Position place[3] = {0, 0, 0};
  kernels().replace_by_larger(y, position, 1, 3, most, place);
  EXPECT_EQ(most[0], 9);
  EXPECT_TRUE(std::isnan(most[1]) && std::isnan(most[2]));
  EXPECT_EQ(std::vector<Position>(place, place + 3), (std::vector<Position>{0, 1, 5}));
}

TEST(LargestKernelsTest, OfEqualElementsTheFirstPositionIsKept) {
  for (const std::size_t stride : {1u, 2u, 3u}) {
    for (const std::size_t n : kLengths) {
      Guarded x(n * stride, 1, -3, 3), y(n, 2, -3, 3);
      std::vector<Position> at(n * stride), position(n + 1, -1);
      for (std::size_t i = 0; i < n * stride; ++i) {
        x[i] = std::round(x[i]);
        at[i] = static_cast<Position>(i * 7 % 50);
      }
      for (std::size_t k = 0; k < n; ++k) {
        y[k] = std::round(y[k]);
        position[k] = 25;
      }
      const Guarded before = y;
      kernels().replace_by_larger(x.data(), at.data(), stride, n, y.data(), position.data());
      for (std::size_t k = 0; k < n; ++k) {
        const Scalar value = x[k * stride];
        const Position here = at[k * stride];
        const bool take = value > before[k] || (value == before[k] && here < 25);
        ASSERT_EQ(y[k], take ? value : before[k]) << n << ": " << k;
        ASSERT_EQ(position[k], take ? here : 25) << n << ": " << k;
      }
      ASSERT_TRUE(y.is_intact() && position[n] == -1) << n;
    }
  }
}

}  // namespace
}  // namespace xgrad
