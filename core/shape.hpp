// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/error.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// Returns a shape as NumPy prints it: "(32, 784)", "(5,)" or "()".
std::string to_string(const Shape& shape);

/// Returns the shape to which two shapes broadcast by NumPy's rules: the shapes are aligned at the
/// last axis, and an extent of 1 or a missing axis is stretched. Throws ShapeError
/// `[op] shapes do not broadcast: (2, 3) and (4,)` if they do not broadcast.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

/// Returns true if `from` broadcasts to exactly `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

/// Returns the axis as a number in [0, ndim). Negative axes count from the end. Throws ShapeError
/// if the axis is out of range.
std::size_t normalize_axis(const char* op, std::ptrdiff_t axis, std::size_t ndim);

/// Returns the shape without this axis, or with extent 1 on this axis if `keepdims` is true.
Shape reduced_shape(const Shape& shape, std::size_t axis, bool keepdims);

/// Throws ShapeError `[op] shapes differ: (2, 3) and (3, 2)` unless the shapes are equal.
void require_same_shape(const char* op, const Shape& a, const Shape& b);

}  // namespace xgrad::inline XGRAD_ABI
