// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/shape.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

// Ops that only move elements; see ops.hpp for what all ops have in common.

/// Returns x with its axes in reverse order. For a matrix this is the transpose.
Tensor transpose(const Tensor& x);
/// Returns x with two axes exchanged.
Tensor transpose(const Tensor& x, std::ptrdiff_t axis, std::ptrdiff_t other);
/// Returns x with its axes in a new order: axis i of the result is axis axes[i] of x. Throws
/// ShapeError unless each axis is listed once.
Tensor permute(const Tensor& x, const Axes& axes);
/// Returns the elements of x, in the same order, in a shape with the same number of elements.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Returns x with all axes from `start` on merged into one: (n, a, b) becomes (n, a * b). If x has
/// no axis `start` because it has only `start` axes, an axis with extent 1 is added.
Tensor flatten(const Tensor& x, std::ptrdiff_t start = 1);
/// Returns x without an axis of extent 1. Throws ShapeError if the extent is not 1.
Tensor squeeze(const Tensor& x, std::ptrdiff_t axis);
/// Returns x with a new axis of extent 1, which has the position `axis` in the result.
Tensor unsqueeze(const Tensor& x, std::ptrdiff_t axis);

/// Joins tensors along one axis. All other extents must be equal.
Tensor concatenate(const std::vector<Tensor>& tensors, std::ptrdiff_t axis);
/// Joins tensors of one shape along a new axis, which has the position `axis` in the result.
Tensor stack(const std::vector<Tensor>& tensors, std::ptrdiff_t axis);
/// Returns the elements begin, ..., end - 1 along one axis.
Tensor slice(const Tensor& x, std::ptrdiff_t axis, std::size_t begin, std::size_t end);
/// Returns the slices of x along one axis that the vector `indices` lists. An index may occur
/// several times. Throws DataError if an index is outside [0, extent).
Tensor index_select(const Tensor& x, std::ptrdiff_t axis, const Indices& indices);
/// Returns y of the shape of `indices`, where for axis 1 of a matrix
/// y[i, j] = x[i, indices[i, j]]. `indices` must have as many axes as x, and on the other axes at
/// most the extent of x. For one element of each row, the indices have one column:
/// `Indices column = labels; column.reshape({rows, 1});`. Throws DataError if an index is outside
/// [0, extent).
Tensor gather(const Tensor& x, std::ptrdiff_t axis, const Indices& indices);
/// Returns 1 at the position of each label and 0 elsewhere, in the shape of `labels` with a new
/// last axis of extent `classes`. The result has no gradient. Throws DataError if a label is
/// outside [0, classes).
Tensor one_hot(const Indices& labels, std::size_t classes);

}  // namespace xgrad::inline XGRAD_ABI
