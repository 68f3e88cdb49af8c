// SPDX-License-Identifier: MIT
#include <xgrad/autograd/internal/windows.hpp>

#include <xgrad/core/error.hpp>

#include <climits>

namespace xgrad::inline XGRAD_ABI {

std::string Size2d::text() const {
  return "(" + std::to_string(h) + ", " + std::to_string(w) + ")";
}

namespace detail {
namespace {

WindowAxis make_axis(std::size_t extent, std::ptrdiff_t kernel, std::ptrdiff_t stride,
                     std::ptrdiff_t padding) {
  WindowAxis a{extent, static_cast<std::size_t>(kernel), static_cast<std::size_t>(stride),
               static_cast<std::size_t>(padding)};
  const std::size_t padded = extent + 2 * a.padding;
  if (padded < a.kernel) return a;
  a.count = (padded - a.kernel) / a.stride + 1;
  // Returns the number of windows that start before position `at` of the padded image.
  const auto windows_before = [&](std::size_t at) {
    return std::min(a.count, (at + a.stride - 1) / a.stride);
  };
  a.inside.reserve(a.kernel);
  for (std::size_t k = 0; k < a.kernel; ++k) {
    const std::size_t first = a.padding > k ? a.padding - k : 0;
    const std::size_t end = extent + a.padding > k ? extent + a.padding - k : 0;
    a.inside.push_back({windows_before(first), windows_before(std::max(first, end))});
  }
  return a;
}

}  // namespace

void require_size(const char* where, const char* name, const Size2d& size, std::ptrdiff_t least) {
  if (std::min(size.h, size.w) >= least && std::max(size.h, size.w) <= INT_MAX) return;
  throw OptionError("[" + std::string(where) + "] the " + name + " must be from " +
                    std::to_string(least) + " to 2147483647, got " + size.text());
}

void require_pooling(const char* where, const Size2d& kernel, const PoolingOptions& options) {
  require_size(where, "kernel", kernel, 1);
  if (options.stride != kKernelStride) require_size(where, "stride", options.stride, 1);
  require_size(where, "padding", options.padding, 0);
  if (options.padding.h <= kernel.h / 2 && options.padding.w <= kernel.w / 2) return;
  throw OptionError("[" + std::string(where) +
                    "] the padding must be at most half the kernel, got " + options.padding.text() +
                    " for the kernel " + kernel.text());
}

Windows windows(const char* op, const Shape& x, const Size2d& kernel, const Size2d& stride,
                const Size2d& padding) {
  const std::string where = "[" + std::string(op) + "] ";
  if (x.size() != 4) {
    throw ShapeError(where + "the images must be (n, channels, height, width), got " +
                     to_string(x));
  }
  Windows v{make_axis(x[2], kernel.h, stride.h, padding.h),
            make_axis(x[3], kernel.w, stride.w, padding.w)};
  if (v.h.count == 0 || v.w.count == 0) {
    throw ShapeError(where + "the kernel must not be larger than the padded image: " +
                     kernel.text() + " and " + to_string(x) + " with padding " + padding.text());
  }
  if (std::max(v.image_size(), v.count()) > INT_MAX) {
    throw ShapeError(where + "images of more than 2147483647 elements are not supported, got " +
                     to_string(x));
  }
  return v;
}

}  // namespace detail
}  // namespace xgrad::inline XGRAD_ABI
