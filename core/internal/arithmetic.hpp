// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/shape.hpp>

namespace xgrad::inline XGRAD_ABI {

// Arithmetic on whole arrays, without a graph. The ops and their backward functions are built from
// these functions. Large arrays are split over num_threads() threads.

/// Returns y with y[i] = kernel(x[i]).
Array elementwise(Kernels::Unary kernel, const Array& x);

/// Returns kernel(a, b), computed element by element with broadcasting. Throws ShapeError with the
/// name `op` if the shapes do not broadcast.
Array elementwise(const char* op, Kernels::Binary kernel, const Array& a, const Array& b);
/// Returns kernel(a[i], b) for each element of a.
Array elementwise(Kernels::Binary kernel, const Array& a, Scalar b);
/// Returns kernel(a, b[i]) for each element of b.
Array elementwise(Kernels::Binary kernel, Scalar a, const Array& b);

/// Returns kernel(a, b) with broadcasting, for backward functions. Their operands always broadcast,
/// because the forward op has checked the shapes.
inline Array elementwise(Kernels::Binary kernel, const Array& a, const Array& b) {
  return elementwise("elementwise", kernel, a, b);
}

/// Returns kernel(a, b) with broadcasting. Writes the result into the memory of `a` if a and b have
/// the same shape.
Array elementwise(Kernels::Binary kernel, Array&& a, const Array& b);
/// Returns kernel(a[i], b) for each element of a, written into the memory of `a`.
Array elementwise(Kernels::Binary kernel, Array&& a, Scalar b);

/// Returns mask != 0 ? a : b, computed element by element with broadcasting. Throws ShapeError with
/// the name `op` if the shapes do not broadcast.
Array select(const char* op, const Array& mask, const Array& a, const Array& b);

/// Computes y += x. Both must have the same shape.
void add_to(Array& y, const Array& x);

/// Returns the sum of all elements in double.
double sum_all(const Array& x);

/// Returns whether no element is infinite or NaN.
bool all_finite(const Array& x);

/// Returns the sums along one axis. The result does not have that axis; with `keepdims` it has the
/// axis with extent 1.
Array sum_axis(const Array& x, std::size_t axis, bool keepdims);
/// Returns the sums along several axes. The result has these axes with extent 1 or not at all.
Array sum_axes(const Array& x, const Shape& axes, bool keepdims);
/// Returns the largest elements along several axes; NaN if any of these elements is NaN. The
/// product of the extents of the axes must not be 0.
Array max_axes(const Array& x, const Shape& axes, bool keepdims);
/// Returns the smallest elements along several axes, like max_axes().
Array min_axes(const Array& x, const Shape& axes, bool keepdims);

/// A shape viewed as three dimensions around one axis: (outer, extent, inner).
struct AxisView {
  std::size_t outer = 1;   ///< product of the extents before the axis
  std::size_t extent = 1;  ///< extent of the axis
  std::size_t inner = 1;   ///< product of the extents after the axis
};
/// Returns the three extents of `shape` around `axis`.
AxisView view_around(const Shape& shape, std::size_t axis);

/// Sums x down to `shape`, over the axes along which an array of that shape was broadcast.
Array sum_to(const Array& x, const Shape& shape);

/// Returns x broadcast to `shape`.
Array broadcast_to(const Array& x, const Shape& shape);

/// Returns x with its axes in a new order: axis i of the result is axis order[i] of x.
Array permute(const Array& x, const Shape& order);

}  // namespace xgrad::inline XGRAD_ABI
