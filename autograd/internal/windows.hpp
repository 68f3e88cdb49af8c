// SPDX-License-Identifier: MIT
#pragma once

// Where the windows of a kernel lie in an image.

#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace xgrad::inline XGRAD_ABI::detail {

/// The integers begin, ..., end - 1.
struct Range {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

/// Returns the integers that both ranges contain, as an empty part of `a` if there are none.
inline Range intersection(const Range& a, const Range& b) {
  const std::size_t begin = std::clamp(b.begin, a.begin, a.end);
  return {begin, std::clamp(b.end, begin, a.end)};
}

/// The windows along one axis. Window i starts at i * stride - padding.
struct WindowAxis {
  std::size_t extent;  ///< extent of the image
  std::size_t kernel, stride, padding;
  std::size_t count = 0;  ///< number of windows
  /// For each element of the kernel, the windows in which that element is inside the image.
  std::vector<Range, Allocator<Range>> inside = {};

  /// Returns the position in the image of element k of a window. It must be inside the image.
  std::size_t position(std::size_t window, std::size_t k) const {
    return window * stride + k - padding;
  }
};

/// The windows of a kernel in each channel of an image.
struct Windows {
  WindowAxis h, w;
  std::size_t kernel_size() const { return h.kernel * w.kernel; }
  std::size_t image_size() const { return h.extent * w.extent; }  ///< elements of one channel
  std::size_t count() const { return h.count * w.count; }
};

/// Throws OptionError `[where] the stride must be from 1 to 2147483647, got (0, 1)` unless both
/// numbers are in that range.
void require_size(const char* where, const char* name, const Size2d& size, std::ptrdiff_t least);

/// Throws OptionError unless the kernel and the options of a pooling op are in their ranges.
void require_pooling(const char* where, const Size2d& kernel, const PoolingOptions& options);

/// Returns the windows of a kernel in images of shape `x`. Throws ShapeError unless x has four axes
/// and the kernel fits into the padded image. The kernel and the options must be in their ranges.
Windows windows(const char* op, const Shape& x, const Size2d& kernel, const Size2d& stride,
                const Size2d& padding);

}  // namespace xgrad::inline XGRAD_ABI::detail
