// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/error.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// "(32, 784)", "(5,)" or "()": as NumPy and PyTorch print a shape.
std::string to_string(const Shape& shape);

/// The shape two shapes broadcast to, by NumPy's rule: aligned at the last axis, an extent of 1 (or
/// a missing axis) stretches. Throws ShapeError `[op] shapes do not broadcast: (2, 3) and (4,)`.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

/// True where `from` broadcasts to exactly `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

/// An axis in [0, ndim): negative ones count from the end. Throws ShapeError.
std::size_t normalize_axis(const char* op, std::ptrdiff_t axis, std::size_t ndim);

/// A shape seen around one axis: `outer` blocks of `extent` rows of `inner` contiguous elements.
struct AxisView {
  std::size_t outer = 1;   ///< product of the extents before the axis
  std::size_t extent = 1;  ///< of the axis
  std::size_t inner = 1;   ///< product of the extents after it
};
/// A shape seen around this axis.
AxisView view_around(const Shape& shape, std::size_t axis);

/// The shape without this axis, or with extent 1 there.
Shape reduced_shape(const Shape& shape, std::size_t axis, bool keepdims);

/// Throws ShapeError `[op] shapes differ: (2, 3) and (3, 2)` unless both are equal.
void require_same_shape(const char* op, const Shape& a, const Shape& b);

}  // namespace xgrad::inline XGRAD_ABI
