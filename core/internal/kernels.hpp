// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/operand.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI {

/// The instruction sets for which the kernels are compiled.
enum class Level { sse2, avx2, avx512, other };

/// The position of an element in an image: an integer of the size of Scalar.
using Position = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;

/// A matrix whose row k starts at data + offsets[k]. Rows may overlap. A kernel may read up to
/// kRowSlack elements beyond the end of a row, up to a full register, and ignores them.
struct RowsAt {
  const Scalar* data;
  const std::size_t* offsets;
};
inline constexpr std::size_t kRowSlack = 64 / sizeof(Scalar);  ///< the largest register

/// The inner loops of xgrad, compiled once per instruction set. `kernels()` returns the best table
/// that the processor supports. Every kernel works on contiguous memory and on the calling thread.
/// An output may be the same memory as an input, except in log_softmax and in the kernels of
/// images, from product to replace_by_larger.
struct Kernels {
  Level level;       ///< the instruction set
  const char* name;  ///< "SSE2", "AVX2+FMA" or "AVX-512" on x86-64; other processors differ

  /// Computes y[i] = f(x[i]).
  using Unary = void (*)(const Scalar* x, Scalar* y, std::size_t n);
  /// Each computes the function of the same name in std::.
  ///@{
  Unary exp, log, log1p, sqrt, abs, sin, cos, tanh;
  ///@}
  /// Each computes the activation of the same name in autograd/ops_elementwise.hpp.
  ///@{
  Unary sigmoid, relu, gelu, silu, softplus;
  ///@}

  /// Computes y[i] = f(a[i a_step], b[i b_step]). A step is 1, or 0 to use the same number for
  /// every i.
  using Binary = void (*)(const Scalar* a, std::size_t a_step, const Scalar* b, std::size_t b_step,
                          Scalar* y, std::size_t n);
  /// They compute a + b, a - b, a * b, a / b, and the larger or smaller of a and b. The maximum and
  /// the minimum are NaN if a or b is NaN.
  ///@{
  Binary add, sub, mul, div, maximum, minimum;
  ///@}
  Binary leaky_relu;    ///< x > 0 ? x : slope x
  Binary leaky_slope;   ///< x > 0 ? 1 : slope, the derivative of leaky_relu
  Binary elu;           ///< x > 0 ? x : alpha (exp(x) - 1)
  Binary elu_slope;     ///< x > 0 ? 1 : alpha exp(x), the derivative of elu
  Binary equal;         ///< 1 if a = b, else 0
  Binary above;         ///< 1 if a > b, 1/2 if a = b, else 0: d maximum(a, b) / da
  Binary abs_grad;      ///< g sign(x)
  Binary sqrt_grad;     ///< g / (2 y)
  Binary tanh_grad;     ///< g (1 - y^2)
  Binary sigmoid_grad;  ///< g y (1 - y)
  Binary relu_grad;     ///< y > 0 ? g : 0
  Binary gelu_grad;     ///< g gelu'(x)
  Binary silu_grad;     ///< g silu'(x)

  /// Computes y[i] = x[i]^(halves / 2) with products and a square root. The root of -inf is NaN. If
  /// halves is negative, results below the smallest normal number may be 0.
  void (*half_power)(const Scalar* x, int halves, Scalar* y, std::size_t n);

  /// Computes y[i] = mask[i mask_step] != 0 ? a[i a_step] : b[i b_step]. Each step is 1 or 0.
  void (*select)(const Scalar* mask, std::size_t mask_step, const Scalar* a, std::size_t a_step,
                 const Scalar* b, std::size_t b_step, Scalar* y, std::size_t n);

  /// Returns the sum. Adds blocks in Scalar, and the sums of the blocks in double.
  double (*sum)(const Scalar* x, std::size_t n);
  /// Returns the inner product, multiplied and added in double.
  double (*dot)(const Scalar* a, const Scalar* b, std::size_t n);
  /// Computes y[j] = sum_i x[i, j] + beta y[j]. Row i of x starts at x + i stride. If beta is 0, y
  /// is not read.
  void (*column_sum)(const Scalar* x, std::size_t rows, std::size_t cols, std::size_t stride,
                     Scalar beta, Scalar* y);
  /// Reduces each row of x to y[i]. There must be a column.
  using ReduceRows = void (*)(const Scalar* x, std::size_t rows, std::size_t cols, Scalar* y);
  /// They compute the largest and the smallest element of each row; NaN if any of them is NaN.
  ///@{
  ReduceRows row_max, row_min;
  ///@}
  /// Reduces each column of x to y[j]. Row i of x starts at x + i stride. There must be a row.
  using ReduceColumns = void (*)(const Scalar* x, std::size_t rows, std::size_t cols,
                                 std::size_t stride, Scalar* y);
  /// They compute the largest and the smallest element of each column; NaN if any of them is NaN.
  ///@{
  ReduceColumns column_max, column_min;
  ///@}
  /// Computes c[i, j] = a[i] b[j].
  void (*outer)(const Scalar* a, const Scalar* b, Scalar* c, std::size_t m, std::size_t n);

  /// Computes C = A B, plus start[i] in each element of row i, or plus the old C if `start` is
  /// nullptr. A has `depth` columns; its rows are a_stride elements apart.
  void (*product)(std::size_t rows, std::size_t columns, std::size_t depth, const Scalar* a,
                  std::size_t a_stride, const RowsAt& b, const Scalar* start, Scalar* c,
                  std::size_t c_stride);
  /// Each works on `lines` lines of n elements. Those of x are x_stride elements apart, and those
  /// of y y_stride.
  using Lines = void (*)(const Scalar* x, std::size_t x_stride, Scalar* y, std::size_t y_stride,
                         std::size_t lines, std::size_t n);
  Lines copy_lines;  ///< y = x
  Lines add_lines;   ///< y = y + x
  /// Finds the largest element y[k] of each column of x, which has at least one line of n elements.
  /// The position of the first element of x is `first`. If several are equal, finds the first one,
  /// and if some are NaN, the last NaN.
  void (*largest_of_columns)(const Scalar* x, std::size_t lines, std::size_t n, Position first,
                             Scalar* y, Position* position);
  /// Replaces y[k] by x[k stride], at position at[k stride], if that is larger, or equal and before
  /// it, or NaN and not before another NaN.
  void (*replace_by_larger)(const Scalar* x, const Position* at, std::size_t stride, std::size_t n,
                            Scalar* y, Position* position);

  /// Computes each row of y from the same row of x.
  using Rows = void (*)(const Scalar* x, Scalar* y, std::size_t rows, std::size_t cols);
  /// They compute softmax(x) and its logarithm for each row.
  ///@{
  Rows softmax, log_softmax;
  ///@}
  /// Computes the gradient dx of the input from the gradient g of the output y, row by row.
  using RowsGrad = void (*)(const Scalar* g, const Scalar* y, Scalar* dx, std::size_t rows,
                            std::size_t cols);
  /// They compute the gradients of softmax and log_softmax.
  ///@{
  RowsGrad softmax_grad, log_softmax_grad;
  ///@}
  /// Returns the sum over all rows of -log softmax(x)[label]. Writes its gradient,
  /// softmax(x) - onehot(label), to dx.
  double (*cross_entropy)(const Scalar* x, const std::int32_t* labels, Scalar* dx, std::size_t rows,
                          std::size_t cols);

  /// Converts stored bytes to numbers: y[i] = scale x[i].
  void (*from_bytes)(const std::uint8_t* x, Scalar scale, Scalar* y, std::size_t n);
};

/// Returns the kernels in use. The first call chooses them: the widest instruction set that the
/// machine runs, or the one in the environment variable XGRAD_SIMD (sse2, avx2, avx512). If the
/// variable has another value or the machine does not run that set, the first call logs a warning
/// and chooses the widest set.
const Kernels& kernels() noexcept;

}  // namespace xgrad::inline XGRAD_ABI
