// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

// Every op throws ShapeError, in one line that names both shapes, before it computes anything.
// Shapes broadcast as in NumPy; negative axes count from the end. Kinks: relu'(0) = 0,
// leaky_relu'(0) = slope, |x|'(0) = 0, and ties in max, maximum and minimum share the gradient
// equally.

// ---- Element by element (ops_elementwise.cpp)

/// a + b
Tensor operator+(const Tensor& a, const Tensor& b);
/// a - b
Tensor operator-(const Tensor& a, const Tensor& b);
/// a b, element by element
Tensor operator*(const Tensor& a, const Tensor& b);
/// a / b
Tensor operator/(const Tensor& a, const Tensor& b);
/// -x
Tensor operator-(const Tensor& x);
/// A number takes no place in the graph.
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);  ///< a - b
Tensor operator*(const Tensor& a, double b);  ///< a b
Tensor operator/(const Tensor& a, double b);  ///< a / b
Tensor operator+(double a, const Tensor& b);  ///< a + b
Tensor operator-(double a, const Tensor& b);  ///< a - b
Tensor operator*(double a, const Tensor& b);  ///< a b
Tensor operator/(double a, const Tensor& b);  ///< a / b

/// e^x. In float infinite from 88.37 on, a little before float itself ends, and 0 where the result
/// would be denormal.
Tensor exp(const Tensor& x);
/// Natural logarithm.
Tensor log(const Tensor& x);
/// Square root.
Tensor sqrt(const Tensor& x);
/// |x|
Tensor abs(const Tensor& x);
/// Hyperbolic tangent.
Tensor tanh(const Tensor& x);
/// 1 / (1 + exp(-x)), without overflow for large |x|.
Tensor sigmoid(const Tensor& x);
/// x > 0 ? x : 0
Tensor relu(const Tensor& x);
/// x > 0 ? x : slope x
Tensor leaky_relu(const Tensor& x, double slope = 0.01);
/// x to a constant power.
Tensor pow(const Tensor& x, double exponent);
/// The larger of two, element by element; NaN where either is.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller of two.
Tensor minimum(const Tensor& a, const Tensor& b);

// ---- Reductions (ops_reduce.cpp): over all elements, or along one axis. Mean and max throw
// ShapeError where there is nothing to reduce.

/// The sum of all elements, of shape {}.
Tensor sum(const Tensor& x);
/// The sum along one axis, which goes or stays with extent 1.
Tensor sum(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// The mean of all elements.
Tensor mean(const Tensor& x);
/// The mean along one axis.
Tensor mean(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// The largest element.
Tensor max(const Tensor& x);
/// The largest element along one axis.
Tensor max(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// The first position of the largest element along an axis. No gradient.
Indices argmax(const Tensor& x, std::ptrdiff_t axis);

// ---- Matrices (ops_matmul.cpp)

/// a b for a of shape (m, k) and b of shape (k, n).
Tensor matmul(const Tensor& a, const Tensor& b);
/// x W^T + b, fused: x (..., in), weight (out, in), bias (out) give (..., out).
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

// ---- Shapes (ops_shape.cpp)

/// The axes in reverse order; of a matrix, its transpose.
Tensor transpose(const Tensor& x);
/// The same elements in another shape of the same size.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Tensors joined along one axis; all other extents must be equal.
Tensor concatenate(const std::vector<Tensor>& tensors, std::ptrdiff_t axis);
/// The elements begin, ..., end - 1 along one axis.
Tensor slice(const Tensor& x, std::ptrdiff_t axis, std::size_t begin, std::size_t end);

// ---- Softmax and losses (ops_loss.cpp)

/// exp(x) / sum(exp(x)) along one axis.
Tensor softmax(const Tensor& x, std::ptrdiff_t axis = -1);
/// log(softmax(x)), computed without overflow or cancellation.
Tensor log_softmax(const Tensor& x, std::ptrdiff_t axis = -1);
/// Mean over the rows of -log_softmax(logits)[label], fused: logits (rows, classes), one label per
/// row in [0, classes). Throws DataError for a label out of range.
Tensor cross_entropy(const Tensor& logits, const Labels& labels);
/// Mean of (prediction - target)^2 over all elements; the shapes must be equal.
Tensor mse_loss(const Tensor& prediction, const Tensor& target);

}  // namespace xgrad::inline XGRAD_ABI

#include <xgrad/autograd/array_operands.hpp>  // whoever has the ops has those with arrays
