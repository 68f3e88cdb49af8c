// SPDX-License-Identifier: MIT
#pragma once

// The only header that includes xtensor: newer versions move every header into sub-folders.
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <xgrad/core/memory.hpp>

#include <cstdint>

namespace xgrad::inline XGRAD_ABI {

/// A row-major n-dimensional array of Scalar in 64-byte aligned memory; an ordinary xtensor
/// container, so xtensor's views, printing and file formats work on it.
using Array = xt::xarray<Scalar, xt::layout_type::row_major, Allocator<Scalar>>;

/// Extents, outermost first; {} is the shape of a single number.
using Shape = Array::shape_type;

/// Class numbers of a batch, one per row.
using Labels = xt::xtensor<std::int32_t, 1>;

/// Positions along an axis, as argmax gives them; converts to Labels where it has one dimension.
using Indices = xt::xarray<std::int32_t, xt::layout_type::row_major>;

/// An array of this shape whose elements are not set.
inline Array uninitialized(const Shape& shape) { return Array::from_shape(shape); }

/// An array of this shape filled with one value.
inline Array filled(const Shape& shape, Scalar value) { return Array(shape, value); }

}  // namespace xgrad::inline XGRAD_ABI
