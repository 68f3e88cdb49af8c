// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad::inline XGRAD_ABI {

/// The hot loops, compiled once for each instruction set; `kernels()` gives the best set the
/// machine has. Every kernel works on contiguous memory on the calling thread, in one pass
/// where the maths allows it; an output may be one of the inputs, but for log_softmax.
struct Kernels {
  const char* name;  ///< "SSE2", "AVX2+FMA" or "AVX-512"; another name elsewhere than on x86-64

  /// y[i] = f(x[i])
  using Unary = void (*)(const Scalar* x, Scalar* y, std::size_t n);
  /// As std:: has them; sigmoid 1 / (1 + exp(-x)), relu max(x, 0)
  ///@{
  Unary exp, log, sqrt, abs, tanh, sigmoid, relu;
  ///@}

  /// y[i] = f(a[i a_step], b[i b_step]); a step is 1, or 0 for one number against all.
  using Binary = void (*)(const Scalar* a, std::size_t a_step, const Scalar* b, std::size_t b_step,
                          Scalar* y, std::size_t n);
  /// Arithmetic, and the larger or smaller of two: NaN where either is.
  ///@{
  Binary add, sub, mul, div, maximum, minimum;
  ///@}
  Binary leaky_relu;    ///< x > 0 ? x : slope x
  Binary leaky_slope;   ///< x > 0 ? 1 : slope, the derivative
  Binary above;         ///< 1 where a > b, 1/2 where a = b, 0 elsewhere: a's share of maximum(a, b)
  Binary abs_grad;      ///< g sign(x)
  Binary sqrt_grad;     ///< g / (2 y)
  Binary tanh_grad;     ///< g (1 - y^2)
  Binary sigmoid_grad;  ///< g y (1 - y)
  Binary relu_grad;     ///< y > 0 ? g : 0

  /// The sum, accumulated in double across blocks.
  double (*sum)(const Scalar* x, std::size_t n);
  /// The inner product, in double throughout.
  double (*dot)(const Scalar* a, const Scalar* b, std::size_t n);
  /// y[j] = sum_i x[i, j], plus beta y[j] where beta is not 0.
  void (*column_sum)(const Scalar* x, std::size_t rows, std::size_t cols, std::size_t stride,
                     Scalar beta, Scalar* y);
  /// c[i, j] = a[i] b[j]
  void (*outer)(const Scalar* a, const Scalar* b, Scalar* c, std::size_t m, std::size_t n);

  /// Row by row: softmax, its logarithm, and what turns a cotangent g of theirs into one of x.
  using Rows = void (*)(const Scalar* x, Scalar* y, std::size_t rows, std::size_t cols);
  /// y of x.
  ///@{
  Rows softmax, log_softmax;
  ///@}
  /// dx of g and y, row by row.
  using RowsGrad = void (*)(const Scalar* g, const Scalar* y, Scalar* dx, std::size_t rows,
                            std::size_t cols);
  /// dx of g and y.
  ///@{
  RowsGrad softmax_grad, log_softmax_grad;
  ///@}
  /// Sum over rows of -log softmax(x)[label], and its gradient softmax(x) - onehot(label) in dx.
  double (*cross_entropy)(const Scalar* x, const std::int32_t* labels, Scalar* dx, std::size_t rows,
                          std::size_t cols);

  /// y[i] = scale x[i]: stored bytes to numbers.
  void (*from_bytes)(const std::uint8_t* x, Scalar scale, Scalar* y, std::size_t n);

  /// A gradient, or a row of one that is an outer product: factor values[i].
  struct Scaled {
    const Scalar* values;  ///< n of them
    Scalar factor = 1;     ///< that each is multiplied by
  };
  /// The six rules of optim/, each one pass; `decay` is the L2 weight decay added to the gradient.
  void (*sgd)(Scalar* theta, Scaled g, std::size_t n, Scalar lr, Scalar decay);
  /// v <- gamma v + lr g; theta <- theta - v
  void (*momentum)(Scalar* theta, Scalar* v, Scaled g, std::size_t n, Scalar lr, Scalar gamma,
                   Scalar decay);
  /// The same in the variable y = theta - gamma v, see optim::NAG.
  void (*nag)(Scalar* y, Scalar* v, Scaled g, std::size_t n, Scalar lr, Scalar gamma, Scalar decay);
  /// r <- r + g^2; theta <- theta - lr g / (sqrt(r) + eps)
  void (*adagrad)(Scalar* theta, Scalar* r, Scaled g, std::size_t n, Scalar lr, Scalar eps,
                  Scalar decay);
  /// r <- rho r + (1 - rho) g^2; theta <- theta - lr g / (sqrt(r) + eps)
  void (*rmsprop)(Scalar* theta, Scalar* r, Scaled g, std::size_t n, Scalar lr, double rho,
                  Scalar eps, Scalar decay);
  /// What the elements of one step of Adam share.
  struct AdamStep {
    /// The rule's options.
    ///@{
    double lr, beta1, beta2, eps, decay;
    ///@}
    /// 1 / (1 - beta^t)
    ///@{
    double correction1, correction2;
    ///@}
  };
  /// See optim::Adam.
  void (*adam)(Scalar* theta, Scalar* m, Scalar* v, Scaled g, std::size_t n, const AdamStep& step);
};

/// The kernels in use, chosen at the first call: the widest set the machine runs, or the one that
/// the environment variable XGRAD_SIMD names (sse2, avx2, avx512). Throws OptionError where it
/// names another one or one that this machine does not run.
const Kernels& kernels();

}  // namespace xgrad::inline XGRAD_ABI
