// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/kernels.hpp>
#include <xgrad/core/shape.hpp>

namespace xgrad::inline XGRAD_ABI {

// Arithmetic on whole arrays, without a graph: what the ops and their derivatives are written in.
// Large arrays are split over num_threads().

/// y[i] = kernel(x[i])
Array elementwise(Kernels::Unary kernel, const Array& x);

/// y = kernel(a, b) with broadcasting. Throws ShapeError, naming `op`, where shapes do not fit.
Array elementwise(const char* op, Kernels::Binary kernel, const Array& a, const Array& b);
/// The same with one number on either side.
Array elementwise(Kernels::Binary kernel, const Array& a, Scalar b);
Array elementwise(Kernels::Binary kernel, Scalar a, const Array& b);  ///< likewise

/// For derivatives, whose operands broadcast because those of their op did.
inline Array elementwise(Kernels::Binary kernel, const Array& a, const Array& b) {
  return elementwise("elementwise", kernel, a, b);
}

/// The same in the memory of a, where it has the shape of the result.
Array elementwise(Kernels::Binary kernel, Array&& a, const Array& b);
Array elementwise(Kernels::Binary kernel, Array&& a, Scalar b);  ///< likewise

/// y += x, of equal shapes.
void add_to(Array& y, const Array& x);

/// The sum of all elements, in double.
double sum_all(const Array& x);

/// Sum along one axis; the result has the shape without it (or with extent 1 there).
Array sum_axis(const Array& x, std::size_t axis, bool keepdims);

/// Sums x over the axes along which `shape` was broadcast to it.
Array sum_to(const Array& x, const Shape& shape);

/// x repeated along broadcast axes to `shape`.
Array broadcast_to(const Array& x, const Shape& shape);

/// The axes of x in a new order: axis i of the result is axis order[i] of x.
Array permute(const Array& x, const Shape& order);

}  // namespace xgrad::inline XGRAD_ABI
