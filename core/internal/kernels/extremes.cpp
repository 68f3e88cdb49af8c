// SPDX-License-Identifier: MIT
// Kernels that find the largest and the smallest element of rows and columns.
#include "stream.ipp"

#include <limits>

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

// They return the larger or the smaller element. For registers, a NaN wins over every number and is
// kept. The last function is for two numbers.
struct Larger {
  template <class B>
  B operator()(B v, B best) const {
    return xsimd::select((v > best) | xsimd::isnan(v), v, best);
  }
  static Scalar number(Scalar v, Scalar best) { return v > best ? v : best; }
};
struct Smaller {
  template <class B>
  B operator()(B v, B best) const {
    return xsimd::select((v < best) | xsimd::isnan(v), v, best);
  }
  static Scalar number(Scalar v, Scalar best) { return v < best ? v : best; }
};

// Returns the extreme of `best` and n elements, or NaN if there is one. The flag is not in the
// chain of comparisons, which the processor computes one after the other.
template <class Better>
Scalar scalar_extreme(const Scalar* x, std::size_t n, Scalar best) {
  bool has_nan = best != best;
  for (std::size_t i = 0; i < n; ++i) {
    has_nan |= x[i] != x[i];  // cppcheck-suppress duplicateExpression
    best = Better::number(x[i], best);
  }
  return has_nan ? std::numeric_limits<Scalar>::quiet_NaN() : best;
}

template <class Arch, class Better>
Scalar extreme(const Scalar* x, std::size_t n) {
  using B = Batch<Arch>;
  constexpr std::size_t w = B::size;
  constexpr Better better;
  Scalar best = x[0];
  std::size_t i = 1;
  if (n >= 4 * w) {  // four registers in turn hide the latency of a comparison
    B each[4];
    for (std::size_t k = 0; k < 4; ++k) each[k] = B::load_unaligned(x + k * w);
    for (i = 4 * w; i + 4 * w <= n; i += 4 * w) {
      for (std::size_t k = 0; k < 4; ++k)
        each[k] = better(B::load_unaligned(x + i + k * w), each[k]);
    }
    alignas(64) Scalar lanes[w];
    better(better(each[0], each[1]), better(each[2], each[3])).store_aligned(lanes);
    best = scalar_extreme<Better>(lanes, w, best);
  }
  return scalar_extreme<Better>(x + i, n - i, best);
}

template <class Arch, class Better>
void row_extreme(const Scalar* x, std::size_t rows, std::size_t cols, Scalar* y) {
  for (std::size_t i = 0; i < rows; ++i) y[i] = extreme<Arch, Better>(x + i * cols, cols);
}

// Computes the extremes of `count` adjacent registers of columns.
template <class Arch, class Better, std::size_t count>
void extreme_tile(const Scalar* x, std::size_t rows, std::size_t stride, Scalar* y) {
  using B = Batch<Arch>;
  constexpr std::size_t w = B::size;
  B best[count];
  for (std::size_t k = 0; k < count; ++k) best[k] = B::load_unaligned(x + k * w);
  for (std::size_t i = 1; i < rows; ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      best[k] = Better{}(B::load_unaligned(x + i * stride + k * w), best[k]);
    }
  }
  for (std::size_t k = 0; k < count; ++k) best[k].store_unaligned(y + k * w);
}

template <class Arch, class Better>
void column_extreme(const Scalar* x, std::size_t rows, std::size_t cols, std::size_t stride,
                    Scalar* y) {
  constexpr std::size_t w = Batch<Arch>::size;
  std::size_t j = 0;
  for (; j + 4 * w <= cols; j += 4 * w) {
    extreme_tile<Arch, Better, 4>(x + j, rows, stride, y + j);
  }
  for (; j + w <= cols; j += w) extreme_tile<Arch, Better, 1>(x + j, rows, stride, y + j);
  Scalar best[w];  // of the columns that do not fill a register
  const std::size_t rest = cols - j;
  for (std::size_t k = 0; k < rest; ++k) best[k] = x[j + k];
  for (std::size_t i = 1; i < rows; ++i) {
    for (std::size_t k = 0; k < rest; ++k) {
      best[k] = scalar_extreme<Better>(x + i * stride + j + k, 1, best[k]);
    }
  }
  for (std::size_t k = 0; k < rest; ++k) y[j + k] = best[k];
}

}  // namespace

template <class Arch>
void set_extremes(Kernels& table) {
  table.row_max = row_extreme<Arch, Larger>;
  table.row_min = row_extreme<Arch, Smaller>;
  table.column_max = column_extreme<Arch, Larger>;
  table.column_min = column_extreme<Arch, Smaller>;
}

template void set_extremes<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
