// SPDX-License-Identifier: MIT
// Sums over a hundred million floats (400 MB). A plain loop in float would stop growing at 2^24.
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/memory.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace xgrad {
namespace {

double relative_error(double got, double want) { return std::fabs(got - want) / want; }

// Equal numbers are the hardest case, because all additions in a block are rounded the same way.
TEST(LongSumTest, AHundredMillionNumbersKeepFiveDigits) {
  constexpr std::size_t side = 10000;
  Array x = full({side, side}, Scalar{0.1f});
  const double each = static_cast<double>(x.data()[0]), all = 1e8 * each;
  EXPECT_LT(relative_error(sum_all(x), all), 1e-5);
  EXPECT_LT(relative_error(kernels().dot(x.data(), x.data(), x.size()), all * each), 1e-9);
  for (const std::size_t axis : {0u, 1u}) {
    const Array sums = sum_axis(x, axis, false);
    EXPECT_LT(relative_error(static_cast<double>(sums.data()[side - 1]), side * each), 1e-5);
    EXPECT_LT(relative_error(sum_all(sums), all), 1e-5);
  }
  // The sum of ones is exact, so a lost or doubled block is detected.
  x.fill(1);
  EXPECT_EQ(sum_all(x), 1e8);
  x = Array();
  release_cached_memory();
}

}  // namespace
}  // namespace xgrad
