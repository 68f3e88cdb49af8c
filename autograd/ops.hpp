// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

// Every op checks its shapes before it computes anything, and throws ShapeError with one line that
// names the shapes. Shapes broadcast as in NumPy. A negative axis counts from the last axis. The
// derivative at a kink is a convention: relu'(0) = 0, leaky_relu'(0) = slope, |x|'(0) = 0, and
// equal elements in max, maximum and minimum share the gradient equally.

// ---- Element by element (ops_elementwise.cpp)

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

/// Returns e^x. In float, the result is infinite from x = 88.37 on, although e^x exceeds the
/// largest float only from 88.72 on. A result that would be subnormal is 0.
Tensor exp(const Tensor& x);
/// Returns the natural logarithm of x.
Tensor log(const Tensor& x);
/// Returns the square root of x.
Tensor sqrt(const Tensor& x);
/// Returns |x|.
Tensor abs(const Tensor& x);
/// Returns the hyperbolic tangent of x.
Tensor tanh(const Tensor& x);
/// Returns 1 / (1 + exp(-x)). It does not overflow for large |x|.
Tensor sigmoid(const Tensor& x);
/// Returns x > 0 ? x : 0.
Tensor relu(const Tensor& x);
/// Returns x > 0 ? x : slope * x.
Tensor leaky_relu(const Tensor& x, double slope = 0.01);
/// Returns x^exponent for a constant exponent.
Tensor pow(const Tensor& x, double exponent);
/// Returns the larger of a and b, element by element; NaN if either element is NaN.
Tensor maximum(const Tensor& a, const Tensor& b);
/// Returns the smaller of a and b, element by element; NaN if either element is NaN.
Tensor minimum(const Tensor& a, const Tensor& b);

// ---- Reductions over all elements or along one axis (ops_reduce.cpp). With `keepdims`, the
// reduced axis stays with extent 1; otherwise it is removed. mean, max and argmax throw ShapeError
// if there are no elements to reduce.

/// Returns the sum of all elements, with shape {}.
Tensor sum(const Tensor& x);
/// Returns the sum along one axis.
Tensor sum(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// Returns the mean of all elements, with shape {}.
Tensor mean(const Tensor& x);
/// Returns the mean along one axis.
Tensor mean(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// Returns the largest element, with shape {}; NaN if any element is NaN.
Tensor max(const Tensor& x);
/// Returns the largest element along one axis; NaN if any of these elements is NaN.
Tensor max(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// Returns the first index of the largest element along an axis. It has no gradient.
Indices argmax(const Tensor& x, std::ptrdiff_t axis);

// ---- Matrices (ops_matmul.cpp)

/// Returns the matrix product of a, of shape (m, k), and b, of shape (k, n).
Tensor matmul(const Tensor& a, const Tensor& b);
/// Returns x W^T + b in one op, for x of shape (..., in), weight W of shape (out, in) and bias b of
/// shape (out). The result has shape (..., out).
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

// ---- Shapes (ops_shape.cpp)

/// Returns x with its axes in reverse order. For a matrix this is the transpose.
Tensor transpose(const Tensor& x);
/// Returns the elements of x, in the same order, in a shape with the same number of elements.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Joins tensors along one axis. All other extents must be equal.
Tensor concatenate(const std::vector<Tensor>& tensors, std::ptrdiff_t axis);
/// Returns the elements begin, ..., end - 1 along one axis.
Tensor slice(const Tensor& x, std::ptrdiff_t axis, std::size_t begin, std::size_t end);

// ---- Softmax and losses (ops_loss.cpp)

/// Returns exp(x) / sum(exp(x)) along one axis.
Tensor softmax(const Tensor& x, std::ptrdiff_t axis = -1);
/// Returns log(softmax(x)) along one axis, computed without overflow or cancellation.
Tensor log_softmax(const Tensor& x, std::ptrdiff_t axis = -1);
/// Returns the mean over the rows of -log_softmax(logits)[label], computed in one op. `logits` has
/// shape (rows, classes), and `labels` contains one label in [0, classes) for each row. Throws
/// DataError if a label is out of range.
Tensor cross_entropy(const Tensor& logits, const Labels& labels);
/// Returns the mean of (prediction - target)^2 over all elements. The shapes must be equal.
Tensor mse_loss(const Tensor& prediction, const Tensor& target);

}  // namespace xgrad::inline XGRAD_ABI

#include <xgrad/autograd/array_operands.hpp>  // ops between tensors and arrays
