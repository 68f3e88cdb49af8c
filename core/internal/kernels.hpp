// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/operand.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad::inline XGRAD_ABI {

/// The instruction sets for which the kernels are compiled.
enum class Level { sse2, avx2, avx512, other };

/// The inner loops of xgrad, compiled once per instruction set. `kernels()` returns the best table
/// that the processor supports. Every kernel works on contiguous memory and on the calling thread.
/// An output may be the same memory as an input, except in log_softmax.
struct Kernels {
  Level level;       ///< the instruction set
  const char* name;  ///< "SSE2", "AVX2+FMA" or "AVX-512" on x86-64; other processors differ

  /// Computes y[i] = f(x[i]).
  using Unary = void (*)(const Scalar* x, Scalar* y, std::size_t n);
  /// Each computes the function of the same name in std::, except that sigmoid is
  /// 1 / (1 + exp(-x)) and relu is max(x, 0).
  ///@{
  Unary exp, log, sqrt, abs, tanh, sigmoid, relu;
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
  Binary above;         ///< 1 if a > b, 1/2 if a = b, else 0: d maximum(a, b) / da
  Binary abs_grad;      ///< g sign(x)
  Binary sqrt_grad;     ///< g / (2 y)
  Binary tanh_grad;     ///< g (1 - y^2)
  Binary sigmoid_grad;  ///< g y (1 - y)
  Binary relu_grad;     ///< y > 0 ? g : 0

  /// Returns the sum of x. Blocks are summed in Scalar, and the block sums are added in double.
  double (*sum)(const Scalar* x, std::size_t n);
  /// Returns the inner product, multiplied and added in double.
  double (*dot)(const Scalar* a, const Scalar* b, std::size_t n);
  /// Computes y[j] = sum_i x[i, j] + beta y[j]. Row i of x starts at x + i stride. If beta is 0, y
  /// is not read.
  void (*column_sum)(const Scalar* x, std::size_t rows, std::size_t cols, std::size_t stride,
                     Scalar beta, Scalar* y);
  /// Computes c[i, j] = a[i] b[j].
  void (*outer)(const Scalar* a, const Scalar* b, Scalar* c, std::size_t m, std::size_t n);

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
