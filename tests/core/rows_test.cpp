// SPDX-License-Identifier: MIT
// Compares the kernels that need whole rows or columns with plain loops in long double.
#include "support/kernel_checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad {
namespace {

using test::expect_close;
using test::Guarded;
using test::kLengths;

constexpr auto kEpsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());

TEST(SumKernelTest, EqualsAPlainLoopForEveryLength) {
  for (const std::size_t n : kLengths) {
    const Guarded a(n, 1, -1, 1), b(n, 2, -1, 1);
    long double sum = 0, dot = 0;
    for (std::size_t i = 0; i < n; ++i) {
      sum += a[i];
      dot += static_cast<long double>(a[i]) * b[i];
    }
    const double tolerance = 4 * kEpsilon * std::sqrt(static_cast<double>(n) + 1);
    EXPECT_NEAR(kernels().sum(a.data(), n), static_cast<double>(sum), tolerance) << n;
    EXPECT_NEAR(kernels().dot(a.data(), b.data(), n), static_cast<double>(dot), tolerance) << n;
  }
}

TEST(SumKernelTest, AMillionNumbersKeepSixDigits) {
  const std::size_t n = 1000000;
  const Guarded x(n, 3, 0, 1);
  long double sum = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += x[i];
    squares += static_cast<long double>(x[i]) * x[i];
  }
  EXPECT_NEAR(kernels().sum(x.data(), n) / static_cast<double>(sum), 1, 1e-6);
  EXPECT_NEAR(kernels().dot(x.data(), x.data(), n) / static_cast<double>(squares), 1, 1e-6);
}

// Equal numbers are the hardest case, because all additions in a block are rounded the same way.
TEST(SumKernelTest, AMillionTimesTheSameNumberKeepsFiveDigits) {
  const std::vector<Scalar> tenths(1000000, static_cast<Scalar>(0.1));
  const double exact = 1e6 * static_cast<double>(tenths[0]);
  EXPECT_NEAR(kernels().sum(tenths.data(), tenths.size()), exact, 1e-5 * exact);
}

TEST(ColumnSumKernelTest, AMillionRowsKeepFiveDigits) {
  const std::vector<Scalar> tenths(5000000, static_cast<Scalar>(0.1));
  const double exact = 1e6 * static_cast<double>(tenths[0]);
  Scalar columns[5];
  kernels().column_sum(tenths.data(), 1000000, 5, 5, 0, columns);
  for (const Scalar each : columns) EXPECT_NEAR(each, exact, 1e-5 * exact);
}

TEST(ColumnSumKernelTest, EqualsAPlainLoopForEveryWidth) {
  for (const std::size_t cols : kLengths) {
    for (const std::size_t rows : {0u, 1u, 3u, 300u}) {
      if (rows * cols > 100000) continue;
      const std::size_t stride = cols + 3;
      const Guarded x(rows * stride, 3, -1, 1), before(cols, 4, -1, 1);
      for (const Scalar beta : {Scalar{0}, Scalar{1}}) {
        Guarded y(before);
        if (beta == 0) std::fill_n(y.data(), cols, std::numeric_limits<Scalar>::quiet_NaN());
        kernels().column_sum(x.data(), rows, cols, stride, beta, y.data());
        for (std::size_t j = 0; j < cols; ++j) {
          double sum = beta == 0 ? 0 : static_cast<double>(before[j]);
          for (std::size_t i = 0; i < rows; ++i) sum += static_cast<double>(x[i * stride + j]);
          expect_close(y[j], sum, "column_sum", 1 + static_cast<double>(rows) / 4);
        }
        EXPECT_TRUE(y.is_intact());
      }
    }
  }
}

TEST(ColumnSumKernelTest, WithoutRowsTheDataMayBeNull) {
  for (const std::size_t cols : kLengths) {
    const Guarded before(cols, 4, -1, 1);
    for (const Scalar beta : {Scalar{0}, Scalar{1}}) {
      Guarded y(before);
      kernels().column_sum(nullptr, 0, cols, cols, beta, y.data());
      for (std::size_t j = 0; j < cols; ++j) EXPECT_EQ(y[j], beta * before[j]);
      EXPECT_TRUE(y.is_intact());
    }
  }
}

TEST(RowExtremeKernelTest, EqualsAPlainLoopForEveryLength) {
  for (const std::size_t cols : kLengths) {
    if (cols == 0) continue;
    for (const std::size_t rows : {0u, 1u, 3u}) {
      const Guarded x(rows * cols, 1, -1, 1);
      Guarded most(rows, 2, 0, 1), least(rows, 3, 0, 1);
      kernels().row_max(x.data(), rows, cols, most.data());
      kernels().row_min(x.data(), rows, cols, least.data());
      for (std::size_t i = 0; i < rows; ++i) {
        const Scalar* const row = x.data() + i * cols;
        EXPECT_EQ(most[i], *std::max_element(row, row + cols)) << rows << " " << cols;
        EXPECT_EQ(least[i], *std::min_element(row, row + cols)) << rows << " " << cols;
      }
      EXPECT_TRUE(most.is_intact() && least.is_intact());
    }
  }
}

TEST(RowExtremeKernelTest, NanAtEveryPositionGivesNan) {
  for (const std::size_t n : {1u, 3u, 37u, 200u}) {
    for (std::size_t place = 0; place < n; ++place) {
      Guarded x(2 * n, 1, -1, 1), most(2, 2, 0, 1), least(2, 3, 0, 1);
      x[n + place] = std::numeric_limits<Scalar>::quiet_NaN();
      kernels().row_max(x.data(), 2, n, most.data());
      kernels().row_min(x.data(), 2, n, least.data());
      EXPECT_FALSE(std::isnan(most[0]) || std::isnan(least[0])) << n << " " << place;
      EXPECT_TRUE(std::isnan(most[1]) && std::isnan(least[1])) << n << " " << place;
    }
  }
}

TEST(ColumnExtremeKernelTest, EqualsAPlainLoopForEveryWidth) {
  for (const std::size_t cols : kLengths) {
    for (const std::size_t rows : {1u, 3u, 20u}) {
      const std::size_t stride = cols + 3;
      Guarded x(rows * stride, 3, -1, 1), most(cols, 4, 0, 1), least(cols, 5, 0, 1);
      const std::size_t bad = cols / 2;  // a column with NaN
      if (cols > 1) x[(rows - 1) * stride + bad] = std::numeric_limits<Scalar>::quiet_NaN();
      kernels().column_max(x.data(), rows, cols, stride, most.data());
      kernels().column_min(x.data(), rows, cols, stride, least.data());
      for (std::size_t j = 0; j < cols; ++j) {
        Scalar high = x[j], low = x[j];
        for (std::size_t i = 1; i < rows; ++i) {
          high = std::max(high, x[i * stride + j]);
          low = std::min(low, x[i * stride + j]);
        }
        const bool is_nan = cols > 1 && j == bad;
        EXPECT_TRUE(is_nan ? std::isnan(most[j]) : most[j] == high) << cols << " " << j;
        EXPECT_TRUE(is_nan ? std::isnan(least[j]) : least[j] == low) << cols << " " << j;
      }
      EXPECT_TRUE(most.is_intact() && least.is_intact());
    }
  }
}

TEST(OuterKernelTest, EqualsAPlainLoopForEveryLength) {
  for (const std::size_t n : kLengths) {
    for (const std::size_t m : {0u, 1u, 5u}) {
      const Guarded a(m, 5, -1, 1), b(n, 6, -1, 1);
      Guarded c(m * n, 7, 0, 1);
      kernels().outer(a.data(), b.data(), c.data(), m, n);
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) EXPECT_EQ(c[i * n + j], a[i] * b[j]);
      }
      EXPECT_TRUE(c.is_intact());
    }
  }
}

/// Softmax and its logarithm for one row, in long double.
struct ExactRow {
  std::vector<long double> softmax, log_softmax;
  ExactRow(const Scalar* x, std::size_t cols) {
    const long double most = *std::max_element(x, x + cols);
    long double sum = 0;
    for (std::size_t j = 0; j < cols; ++j) sum += std::exp(x[j] - most);
    for (std::size_t j = 0; j < cols; ++j) {
      log_softmax.push_back(x[j] - most - std::log(sum));
      softmax.push_back(std::exp(log_softmax.back()));
    }
  }
};

struct Table {
  std::size_t rows, cols;
};

/// Returns tables with narrow rows, of which many fit into a block, and with rows that are longer
/// than a block.
std::vector<Table> tables() {
  std::vector<Table> all{{0, 3}, {700, 10}, {2, 4096}, {2, 5000}, {2, 10000}};
  for (std::size_t cols = 1; cols <= 40; ++cols) all.push_back({5, cols});
  return all;
}

TEST(SoftmaxKernelTest, EqualsLongDoubleForEveryWidth) {
  for (const auto& [rows, cols] : tables()) {
    const Guarded x(rows * cols, 8, -20, 20);
    Guarded y(rows * cols, 9, 0, 1), log_y(rows * cols, 9, 0, 1);
    kernels().softmax(x.data(), y.data(), rows, cols);
    kernels().log_softmax(x.data(), log_y.data(), rows, cols);
    for (std::size_t i = 0; i < rows; ++i) {
      const ExactRow exact(x.data() + i * cols, cols);
      for (std::size_t j = 0; j < cols; ++j) {
        const std::size_t at = i * cols + j;
        // The kernel rounds x - max, which may be 40 in magnitude, before it computes exp.
        EXPECT_NEAR(y[at], static_cast<double>(exact.softmax[j]),
                    40 * kEpsilon * static_cast<double>(exact.softmax[j]));
        expect_close(log_y[at], static_cast<double>(exact.log_softmax[j]), "log_softmax", 1);
      }
    }
    EXPECT_TRUE(y.is_intact() && log_y.is_intact()) << cols;
  }
}

TEST(SoftmaxKernelTest, WorksInPlace) {
  const Guarded x(50 * 10, 10, -5, 5);
  Guarded y(500, 11, 0, 1), in_place(x);
  kernels().softmax(x.data(), y.data(), 50, 10);
  kernels().softmax(in_place.data(), in_place.data(), 50, 10);
  for (std::size_t i = 0; i < 500; ++i) EXPECT_EQ(in_place[i], y[i]) << i;
}

TEST(SoftmaxKernelTest, GradientsEqualAPlainLoop) {
  for (const auto& [rows, cols] : tables()) {
    const Guarded x(rows * cols, 12, -3, 3), g(rows * cols, 13, -1, 1);
    Guarded y(x), log_y(x), dx(rows * cols, 1, 0, 1), log_dx(rows * cols, 1, 0, 1);
    kernels().softmax(x.data(), y.data(), rows, cols);
    kernels().log_softmax(x.data(), log_y.data(), rows, cols);
    kernels().softmax_grad(g.data(), y.data(), dx.data(), rows, cols);
    kernels().log_softmax_grad(g.data(), log_y.data(), log_dx.data(), rows, cols);
    for (std::size_t i = 0; i < rows; ++i) {
      double mean = 0, sum = 0, size = 0;
      for (std::size_t at = i * cols; at < (i + 1) * cols; ++at) {
        mean += static_cast<double>(g[at]) * static_cast<double>(y[at]);
        sum += static_cast<double>(g[at]);
        size += std::fabs(static_cast<double>(g[at]));
      }
      for (std::size_t at = i * cols; at < (i + 1) * cols; ++at) {
        const auto gi = static_cast<double>(g[at]), yi = static_cast<double>(y[at]);
        expect_close(dx[at], yi * (gi - mean), "softmax_grad", 2 * yi);
        const double softmax = std::exp(static_cast<double>(log_y[at]));
        expect_close(log_dx[at], gi - softmax * sum, "log_softmax_grad", 1 + 4 * softmax * size);
      }
    }
    EXPECT_TRUE(dx.is_intact() && log_dx.is_intact()) << cols;
  }
}

/// Compares the loss and the gradient for these logits with a computation in long double.
void expect_cross_entropy(const Guarded& x, std::size_t rows, std::size_t cols, const char* what) {
  std::vector<std::int32_t> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<std::int32_t>(i * 7 % cols);
  Guarded dx(rows * cols, 1, 0, 1);
  const double loss = kernels().cross_entropy(x.data(), labels.data(), dx.data(), rows, cols);
  long double exact_loss = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const ExactRow exact(x.data() + i * cols, cols);
    const auto label = static_cast<std::size_t>(labels[i]);
    exact_loss -= exact.log_softmax[label];
    for (std::size_t j = 0; j < cols; ++j) {
      const auto want = static_cast<double>(exact.softmax[j] - (j == label ? 1 : 0));
      EXPECT_NEAR(dx[i * cols + j], want, 8 * kEpsilon) << what << " " << cols;
    }
  }
  const auto n = static_cast<double>(rows);
  const double tolerance = (2 * kEpsilon + n * 0x1p-53) * (n + static_cast<double>(exact_loss));
  EXPECT_NEAR(loss, static_cast<double>(exact_loss), tolerance) << what << " " << cols;
  EXPECT_TRUE(dx.is_intact()) << what << " " << cols;
}

TEST(CrossEntropyKernelTest, EqualsLongDoubleForEveryNumberOfClasses) {
  for (const auto& [rows, cols] : tables()) {
    const std::size_t n = rows * cols;
    expect_cross_entropy(Guarded(n, 14, -6, 6), rows, cols, "random");
    expect_cross_entropy(Guarded(n, 15, 3, 3), rows, cols, "all equal");
    Guarded huge(n, 16, -1, 1);
    for (std::size_t i = 0; i < n; ++i) huge[i] = huge[i] < 0 ? Scalar{-1e4} : Scalar{1e4};
    expect_cross_entropy(huge, rows, cols, "1e4 on either side");
  }
}

TEST(CrossEntropyKernelTest, ANanAnywhereMakesTheLossNan) {
  for (const std::size_t cols : {1u, 3u, 10u, 40u}) {
    for (std::size_t at = 0; at < cols; ++at) {
      Guarded x(cols, 17, -1, 1), dx(cols, 1, 0, 1);
      x[at] = std::numeric_limits<Scalar>::quiet_NaN();
      const std::int32_t label = 0;
      const double loss = kernels().cross_entropy(x.data(), &label, dx.data(), 1, cols);
      EXPECT_TRUE(std::isnan(loss)) << cols << " " << at;
    }
  }
}

}  // namespace
}  // namespace xgrad
