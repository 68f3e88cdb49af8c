// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/shape.hpp>

#include <concepts>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI {

// Reductions over all elements, along one axis as in `sum(x, 1)`, or along several as in
// `sum(x, {0, 2})`. With `keepdims`, a reduced axis stays with extent 1; otherwise it is removed. A
// reduction over all elements has the shape {}. All but `sum` throw ShapeError if there are no
// elements to reduce. See ops.hpp for what all ops have in common.

/// Returns the sum of all elements.
Tensor sum(const Tensor& x);
/// Returns the sums along the axes.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdims = false);
/// Returns the mean of all elements.
Tensor mean(const Tensor& x);
/// Returns the means along the axes.
Tensor mean(const Tensor& x, const Axes& axes, bool keepdims = false);
/// Returns the variance of all n elements: the sum of (x - mean)^2, divided by n - 1.
Tensor var(const Tensor& x);
/// Returns the variances along the axes: the sums of (x - mean)^2, divided by n - correction, where
/// n is the number of elements of each sum. Throws ShapeError unless n > correction.
Tensor var(const Tensor& x, const Axes& axes, double correction = 1, bool keepdims = false);
/// Deleted, because the third argument is the correction: call var(x, axes, 1, true).
template <std::same_as<bool> Keepdims>
Tensor var(const Tensor& x, const Axes& axes, Keepdims keepdims) = delete;

/// Returns the largest element; NaN if any element is NaN.
Tensor max(const Tensor& x);
/// Returns the largest elements along the axes; NaN if any of these elements is NaN.
Tensor max(const Tensor& x, const Axes& axes, bool keepdims = false);
/// Returns the smallest element; NaN if any element is NaN.
Tensor min(const Tensor& x);
/// Returns the smallest elements along the axes; NaN if any of these elements is NaN.
Tensor min(const Tensor& x, const Axes& axes, bool keepdims = false);

/// Returns the first index of the largest element along an axis. A NaN counts as the largest. The
/// result has no gradient.
Indices argmax(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);
/// Returns the first index of the smallest element along an axis. A NaN counts as the smallest. The
/// result has no gradient.
Indices argmin(const Tensor& x, std::ptrdiff_t axis, bool keepdims = false);

}  // namespace xgrad::inline XGRAD_ABI
