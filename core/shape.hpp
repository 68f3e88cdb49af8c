// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// The axes that an op works on: one, as in `sum(x, 1)`, or several, as in `sum(x, {0, 2})`. A
/// negative axis counts from the last axis.
class Axes {
 public:
  /// Contains one axis. Neither a bool nor a floating-point number is an axis.
  template <std::integral Axis>
  requires(!std::same_as<Axis, bool>) Axes(Axis axis) : axes_{static_cast<std::ptrdiff_t>(axis)} {}
  /// Contains the axes of a list.
  Axes(std::initializer_list<std::ptrdiff_t> axes) : axes_(axes) {}
  /// Contains the axes of a vector.
  Axes(const std::vector<std::ptrdiff_t>& axes) : axes_(axes.begin(), axes.end()) {}

  /// Returns the axes as positions in [0, ndim), in their order. Throws ShapeError with the name
  /// `op` if an axis is out of range or given twice, or if the list is empty.
  Shape positions(const char* op, std::size_t ndim) const;

 private:
  xt::svector<std::ptrdiff_t, 4> axes_;
};

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

/// Returns the index as a number in [0, extent). Negative indices count from the end. Throws
/// ShapeError if the index is out of range.
std::size_t normalize_index(const char* op, std::ptrdiff_t index, std::size_t extent,
                            std::size_t axis);

/// Returns the shape without this axis, or with extent 1 on this axis if `keepdims` is true.
Shape reduced_shape(const Shape& shape, std::size_t axis, bool keepdims);
/// Returns the shape without these axes, or with extent 1 on these axes if `keepdims` is true.
Shape reduced_shape(const Shape& shape, const Shape& axes, bool keepdims);

/// Throws ShapeError `[op] shapes differ: (2, 3) and (3, 2)` unless the shapes are equal.
void require_same_shape(const char* op, const Shape& a, const Shape& b);

}  // namespace xgrad::inline XGRAD_ABI
