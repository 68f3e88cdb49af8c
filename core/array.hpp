// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/memory.hpp>

// No other header includes xtensor, because newer versions of xtensor move its headers.
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

namespace xgrad::inline XGRAD_ABI {

/// A row-major n-dimensional array of Scalar in 64-byte aligned memory. It is an ordinary xtensor
/// container, so xtensor's views, printing and file formats work on it.
using Array = xt::xarray<Scalar, xt::layout_type::row_major, Allocator<Scalar>>;

/// The extents of an array, outermost axis first. {} is the shape of a single number.
using Shape = Array::shape_type;

/// The class numbers of a batch, one per row.
using Labels =
    xt::xtensor<std::int32_t, 1, xt::layout_type::row_major, std::allocator<std::int32_t>>;

/// Returns labels with the given numbers, for example those of a std::vector<std::int32_t>.
inline Labels labels_from(std::span<const std::int32_t> numbers) {
  Labels labels = Labels::from_shape({numbers.size()});
  std::copy(numbers.begin(), numbers.end(), labels.begin());
  return labels;
}

/// Positions along an axis, such as argmax returns. Converts to Labels if it has one dimension.
using Indices = xt::xarray<std::int32_t, xt::layout_type::row_major, std::allocator<std::int32_t>>;

/// Returns the number of elements of a shape: the product of its extents, 1 for {}. Throws
/// ShapeError if so many elements cannot fit in memory.
std::size_t element_count(const Shape& shape);

/// Returns an array of this shape with uninitialized elements. Throws ShapeError like
/// element_count.
inline Array empty(const Shape& shape) {
  static_cast<void>(element_count(shape));
  return Array::from_shape(shape);
}

/// Returns an array of this shape with every element equal to `value`. Throws ShapeError like
/// element_count.
inline Array full(const Shape& shape, Scalar value) {
  Array result = empty(shape);
  result.fill(value);
  return result;
}

/// Returns an array of zeros. Throws ShapeError like element_count.
inline Array zeros(const Shape& shape) { return full(shape, 0); }

/// Returns an array of ones. Throws ShapeError like element_count.
inline Array ones(const Shape& shape) { return full(shape, 1); }

/// Returns the numbers 0, 1, ..., n - 1.
inline Array arange(std::size_t n) {
  Array result = empty({n});
  for (std::size_t i = 0; i < n; ++i) result.data()[i] = static_cast<Scalar>(i);
  return result;
}

/// Returns the identity matrix with n rows.
inline Array eye(std::size_t n) {
  Array result = zeros({n, n});
  for (std::size_t i = 0; i < n; ++i) result.data()[i * (n + 1)] = 1;
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI
