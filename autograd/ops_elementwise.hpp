// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI {

// Ops that compute each element by itself; see ops.hpp for what all ops have in common.

/// Returns a + b.
Tensor operator+(const Tensor& a, const Tensor& b);
/// Returns a - b.
Tensor operator-(const Tensor& a, const Tensor& b);
/// Returns a * b, element by element.
Tensor operator*(const Tensor& a, const Tensor& b);
/// Returns a / b, element by element.
Tensor operator/(const Tensor& a, const Tensor& b);
/// Returns -x.
Tensor operator-(const Tensor& x);
/// Returns a + b. A number does not become a node of the graph.
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);  ///< Returns a - b.
Tensor operator*(const Tensor& a, double b);  ///< Returns a * b.
Tensor operator/(const Tensor& a, double b);  ///< Returns a / b.
Tensor operator+(double a, const Tensor& b);  ///< Returns a + b.
Tensor operator-(double a, const Tensor& b);  ///< Returns a - b.
Tensor operator*(double a, const Tensor& b);  ///< Returns a * b.
Tensor operator/(double a, const Tensor& b);  ///< Returns a / b.

/// Computes x = x + y for a tensor, an array or a number y. The handle x then refers to the sum,
/// and other handles keep the tensor that x referred to before. The other three operators do the
/// same with -, * and /.
template <class Y>
Tensor& operator+=(Tensor& x, Y&& y) {
  return x = x + std::forward<Y>(y);
}
/// Computes x = x - y, like operator+=.
template <class Y>
Tensor& operator-=(Tensor& x, Y&& y) {
  return x = x - std::forward<Y>(y);
}
/// Computes x = x * y, like operator+=.
template <class Y>
Tensor& operator*=(Tensor& x, Y&& y) {
  return x = x * std::forward<Y>(y);
}
/// Computes x = x / y, like operator+=.
template <class Y>
Tensor& operator/=(Tensor& x, Y&& y) {
  return x = x / std::forward<Y>(y);
}

/// Returns e^x. In float, the result is infinite from x = 88.37 on, although e^x exceeds the
/// largest float only from 88.72 on. A result that would be subnormal is 0.
Tensor exp(const Tensor& x);
/// Returns the natural logarithm of x.
Tensor log(const Tensor& x);
/// Returns log(1 + x), without the rounding of 1 + x for small x.
Tensor log1p(const Tensor& x);
/// Returns the square root of x.
Tensor sqrt(const Tensor& x);
/// Returns x * x.
Tensor square(const Tensor& x);
/// Returns |x|.
Tensor abs(const Tensor& x);
/// Returns the sine of x.
Tensor sin(const Tensor& x);
/// Returns the cosine of x.
Tensor cos(const Tensor& x);
/// Returns the hyperbolic tangent of x.
Tensor tanh(const Tensor& x);
/// Returns x^exponent for a constant exponent.
Tensor pow(const Tensor& x, double exponent);

/// Returns 1 / (1 + exp(-x)). It does not overflow for large |x|.
Tensor sigmoid(const Tensor& x);
/// Returns x > 0 ? x : 0.
Tensor relu(const Tensor& x);
/// Returns x > 0 ? x : slope * x.
Tensor leaky_relu(const Tensor& x, double slope = 0.01);
/// Returns x > 0 ? x : alpha * (exp(x) - 1). (Clevert et al. 2016)
Tensor elu(const Tensor& x, double alpha = 1);
/// Returns x * Phi(x), where Phi is the distribution function of the standard normal distribution.
/// (Hendrycks and Gimpel 2016)
Tensor gelu(const Tensor& x);
/// Returns x * sigmoid(x), also called swish. (Elfwing et al. 2018)
Tensor silu(const Tensor& x);
/// Returns log(1 + exp(x)). It does not overflow for large x.
Tensor softplus(const Tensor& x);

/// Returns the larger of a and b, element by element; NaN if either element is NaN.
Tensor maximum(const Tensor& a, const Tensor& b);
/// Returns the smaller of a and b, element by element; NaN if either element is NaN.
Tensor minimum(const Tensor& a, const Tensor& b);
/// Returns x limited to [low, high]; either may be infinite. Throws OptionError unless low <= high.
Tensor clamp(const Tensor& x, double low, double high);
/// Returns mask != 0 ? a : b, element by element. All three broadcast to one shape. The gradient of
/// the operand that is not chosen is 0, even if its value is not finite.
Tensor where(const Array& mask, const Tensor& a, const Tensor& b);

}  // namespace xgrad::inline XGRAD_ABI
