// SPDX-License-Identifier: MIT
// Kernels that need whole rows or columns: sums, the outer product, softmax and cross-entropy.
#include "stream.ipp"

#include <xgrad/core/internal/tuning.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

using tuning::kCacheBlock;
using tuning::kSumLength;

template <class Arch>
double lane_sum(const Batch<Arch>& x) {
  alignas(64) Scalar lanes[Batch<Arch>::size];
  x.store_aligned(lanes);
  double total = 0;
  for (const Scalar lane : lanes) total += static_cast<double>(lane);
  return total;
}

// Adds to four registers in turn, to hide the latency of an addition.
template <class Arch>
double sum(const Scalar* x, std::size_t n) {
  using B = Batch<Arch>;
  constexpr std::size_t w = B::size;
  constexpr std::size_t block = 4 * w * kSumLength;
  double total = 0;
  std::size_t i = 0;
  while (i + 4 * w <= n) {
    const std::size_t block_end = n - i < block ? n : i + block;
    B sums[4] = {B(0), B(0), B(0), B(0)};
    for (; i + 4 * w <= block_end; i += 4 * w) {
      for (std::size_t k = 0; k < 4; ++k) sums[k] += B::load_unaligned(x + i + k * w);
    }
    total += lane_sum<Arch>((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
  for (; i + w <= n; i += w) total += lane_sum<Arch>(B::load_unaligned(x + i));
  for (; i < n; ++i) total += static_cast<double>(x[i]);
  return total;
}

// Computes in double, because the squares of gradients may overflow or underflow in float.
template <class Arch>
double dot(const Scalar* a, const Scalar* b, std::size_t n) {
  constexpr std::size_t lanes = 32;  // independent sums, which the compiler keeps in registers
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) {
      sums[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
    }
  }
  double total = 0;
  for (; i < n; ++i) total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  for (const double sum : sums) total += sum;
  return total;
}

void write_total(double total, Scalar beta, Scalar& y) {
  y = static_cast<Scalar>(beta == 0 ? total : total + static_cast<double>(beta * y));
}

// Computes the sums of `count` adjacent registers of columns.
template <class Arch, std::size_t count>
void column_tile(const Scalar* x, std::size_t rows, std::size_t stride, Scalar beta, Scalar* y) {
  using B = Batch<Arch>;
  constexpr std::size_t w = B::size;
  double total[count * w] = {};
  for (std::size_t i = 0; i < rows;) {
    const std::size_t block_end = rows - i < kSumLength ? rows : i + kSumLength;
    B sums[count];
    for (std::size_t k = 0; k < count; ++k) sums[k] = B(0);
    for (; i < block_end; ++i) {
      for (std::size_t k = 0; k < count; ++k) sums[k] += B::load_unaligned(x + i * stride + k * w);
    }
    alignas(64) Scalar lanes[count * w];
    for (std::size_t k = 0; k < count; ++k) sums[k].store_aligned(lanes + k * w);
    for (std::size_t j = 0; j < count * w; ++j) total[j] += static_cast<double>(lanes[j]);
  }
  for (std::size_t j = 0; j < count * w; ++j) write_total(total[j], beta, y[j]);
}

template <class Arch>
void column_sum(const Scalar* x, std::size_t rows, std::size_t cols, std::size_t stride,
                Scalar beta, Scalar* y) {
  constexpr std::size_t w = Batch<Arch>::size;
  std::size_t j = 0;
  if (rows == 0) {  // x may be null, and then x + j would be undefined
    for (; j < cols; ++j) write_total(0, beta, y[j]);
  }
  for (; j + 4 * w <= cols; j += 4 * w) column_tile<Arch, 4>(x + j, rows, stride, beta, y + j);
  for (; j + w <= cols; j += w) column_tile<Arch, 1>(x + j, rows, stride, beta, y + j);
  const std::size_t rest = cols - j;  // the columns that do not fill a register
  double total[w] = {};
  for (std::size_t i = 0; i < rows && rest > 0;) {
    const std::size_t block_end = rows - i < kSumLength ? rows : i + kSumLength;
    Scalar sums[w] = {};
    for (; i < block_end; ++i) {
      for (std::size_t k = 0; k < rest; ++k) sums[k] += x[i * stride + j + k];
    }
    for (std::size_t k = 0; k < rest; ++k) total[k] += static_cast<double>(sums[k]);
  }
  for (std::size_t k = 0; k < rest; ++k) write_total(total[k], beta, y[j + k]);
}

template <class Arch>
void outer(const Scalar* a, const Scalar* b, Scalar* c, std::size_t m, std::size_t n) {
  for (std::size_t i = 0; i < m; ++i) {
    stream<Arch>(n, [=, ai = Batch<Arch>(a[i]), row = c + i * n](auto at) {
      at.store(row, ai * at.load(b));
    });
  }
}

template <class Arch>
Scalar row_max(const Scalar* x, std::size_t cols) {
  constexpr std::size_t w = Batch<Arch>::size;
  Scalar most = x[0];
  std::size_t j = 0;
  if (cols >= 2 * w) {
    auto lanes = Batch<Arch>::load_unaligned(x);
    for (j = w; j + w <= cols; j += w)
      lanes = xsimd::max(lanes, Batch<Arch>::load_unaligned(x + j));
    alignas(64) Scalar each[w];
    lanes.store_aligned(each);
    for (const Scalar v : each) most = v > most ? v : most;
  }
  for (; j < cols; ++j) most = x[j] > most ? x[j] : most;
  return most;
}

template <class Arch>
void exp_in_place(Scalar* y, std::size_t n) {
  stream<Arch>(n, [=](auto at) { at.store(y, xsimd::exp(at.load(y))); });
}

// Computes y = exp(x - max), where max is the largest element of the row. Works in blocks of rows
// that stay in the L1 cache. Rows are often shorter than a register, so exp runs over a whole block
// at once. Calls shifted(row) when a row contains x - max, and done(row) when it contains the
// exponentials.
template <class Arch, class Shifted, class Done>
void exponentials(const Scalar* x, Scalar* y, std::size_t rows, std::size_t cols, Shifted shifted,
                  Done done) {
  const std::size_t block = cols < kCacheBlock ? kCacheBlock / cols : 1;
  for (std::size_t begin = 0; begin < rows; begin += block) {
    const std::size_t end = rows - begin < block ? rows : begin + block;
    for (std::size_t i = begin; i < end; ++i) {
      const Scalar most = row_max<Arch>(x + i * cols, cols);
      for (std::size_t j = i * cols; j < (i + 1) * cols; ++j) y[j] = x[j] - most;
      shifted(i);
    }
    exp_in_place<Arch>(y + begin * cols, (end - begin) * cols);
    for (std::size_t i = begin; i < end; ++i) done(i);
  }
}

void scale_row(Scalar* y, std::size_t cols, double factor) {
  const auto s = static_cast<Scalar>(factor);
  for (std::size_t j = 0; j < cols; ++j) y[j] *= s;
}

template <class Arch>
void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t cols) {
  exponentials<Arch>(
      x, y, rows, cols, [](std::size_t) {},
      [=](std::size_t i) { scale_row(y + i * cols, cols, 1 / sum<Arch>(y + i * cols, cols)); });
}

template <class Arch>
void log_softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t cols) {
  exponentials<Arch>(
      x, y, rows, cols, [](std::size_t) {},
      [=](std::size_t i) {
        const Scalar* const row = x + i * cols;
        const double total = std::log(sum<Arch>(y + i * cols, cols));
        const auto most = static_cast<double>(row_max<Arch>(row, cols));
        for (std::size_t j = 0; j < cols; ++j) {
          y[i * cols + j] = static_cast<Scalar>((static_cast<double>(row[j]) - most) - total);
        }
      });
}

// dx = y (g - sum(g y))
template <class Arch>
void softmax_grad(const Scalar* g, const Scalar* y, Scalar* dx, std::size_t rows,
                  std::size_t cols) {
  for (std::size_t i = 0; i < rows; ++i, g += cols, y += cols, dx += cols) {
    const Batch<Arch> mean(static_cast<Scalar>(dot<Arch>(g, y, cols)));
    stream<Arch>(cols, [=](auto at) { at.store(dx, at.load(y) * (at.load(g) - mean)); });
  }
}

// dx = g - exp(y) sum(g)
template <class Arch>
void log_softmax_grad(const Scalar* g, const Scalar* y, Scalar* dx, std::size_t rows,
                      std::size_t cols) {
  for (std::size_t i = 0; i < rows; ++i, g += cols, y += cols, dx += cols) {
    const Batch<Arch> total(static_cast<Scalar>(sum<Arch>(g, cols)));
    stream<Arch>(cols, [=](auto at) { at.store(dx, at.load(g) - xsimd::exp(at.load(y)) * total); });
  }
}

// -log softmax(x)[label] = log(sum exp(x - max)) - (x[label] - max)
template <class Arch>
double cross_entropy(const Scalar* x, const std::int32_t* labels, Scalar* dx, std::size_t rows,
                     std::size_t cols) {
  double loss = 0;
  const auto at_label = [=](std::size_t i) -> Scalar& {
    return dx[i * cols + static_cast<std::size_t>(labels[i])];
  };
  exponentials<Arch>(
      x, dx, rows, cols, [&](std::size_t i) { loss -= static_cast<double>(at_label(i)); },
      [&](std::size_t i) {
        const double total = sum<Arch>(dx + i * cols, cols);
        loss += std::log(total);
        scale_row(dx + i * cols, cols, 1 / total);
        at_label(i) -= 1;
      });
  return loss;
}

}  // namespace

template <class Arch>
void set_rows(Kernels& table) {
  table.sum = sum<Arch>;
  table.dot = dot<Arch>;
  table.column_sum = column_sum<Arch>;
  table.outer = outer<Arch>;
  table.softmax = softmax<Arch>;
  table.log_softmax = log_softmax<Arch>;
  table.softmax_grad = softmax_grad<Arch>;
  table.log_softmax_grad = log_softmax_grad<Arch>;
  table.cross_entropy = cross_entropy<Arch>;
}

template void set_rows<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
