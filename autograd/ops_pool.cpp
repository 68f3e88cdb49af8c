// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/internal/windows.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <limits>
#include <type_traits>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

using detail::Range;
using detail::Windows;

// The position of the largest element of each window in its channel.
using Positions = std::vector<std::int32_t, Allocator<std::int32_t>>;

Windows check_pooling(const char* op, const Shape& x, const Size2d& kernel,
                      const PoolingOptions& options) {
  detail::require_pooling(op, kernel, options);
  const Size2d stride = options.stride == kKernelStride ? kernel : options.stride;
  return detail::windows(op, x, kernel, stride, options.padding);
}

Shape result_shape(const Windows& v, const Shape& x) { return {x[0], x[1], v.h.count, v.w.count}; }

// Calls body(channel) for each channel of each image, in parallel.
template <class Body>
void for_each_channel(const Windows& v, const Shape& x, Body body) {
  const std::size_t work = v.count() * v.kernel_size() + v.image_size();
  parallel_for(
      x[0] * x[1], tuning::kElementGrain / work + 1,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) body(i);
      },
      1);
}

// Calls visit(first, at, n) for each element of the kernel and each row of windows. In the windows
// first, ..., first + n - 1 of a channel, that element is inside the image: at position `at` for
// the first window, and w.stride further for each next one.
template <class Visit>
void for_each_line(const Windows& v, Visit visit) {
  for (std::size_t i = 0; i < v.h.kernel; ++i) {
    const Range& rows = v.h.inside[i];
    for (std::size_t j = 0; j < v.w.kernel; ++j) {
      const Range& inside = v.w.inside[j];
      if (inside.size() == 0) continue;
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const std::size_t at = v.h.position(row, i) * v.w.extent + v.w.position(inside.begin, j);
        visit(row * v.w.count + inside.begin, at, inside.size());
      }
    }
  }
}

// Replaces the largest elements so far by those elements of x that are larger, or NaN. Stride is a
// constant for the usual strides, with which the compiler vectorizes the loop.
template <class Stride>
void take_larger(const Scalar* __restrict x, std::size_t at, Stride stride, std::size_t n,
                 Scalar* __restrict most, std::int32_t* __restrict position) {
  const auto first = static_cast<std::int32_t>(at);
  x += at;
  for (std::size_t k = 0; k < n; ++k) {
    const Scalar value = x[k * stride];
    const bool take = (value > most[k]) | (value != value);
    most[k] = take ? value : most[k];
    position[k] = take ? first + static_cast<std::int32_t>(k * stride) : position[k];
  }
}

// Returns the position of the first element of each window that is inside the image.
Positions first_positions(const Windows& v) {
  const auto first = [](const detail::WindowAxis& a, std::size_t window) {
    return window * a.stride > a.padding ? window * a.stride - a.padding : 0;
  };
  Positions positions;
  positions.reserve(v.count());
  for (std::size_t row = 0; row < v.h.count; ++row) {
    for (std::size_t k = 0; k < v.w.count; ++k) {
      positions.push_back(static_cast<std::int32_t>(first(v.h, row) * v.w.extent + first(v.w, k)));
    }
  }
  return positions;
}

// Finds the largest element of each window of one channel, and its position.
void max_of_channel(const Windows& v, const Positions& first, const Scalar* x, Scalar* y,
                    std::int32_t* position) {
  // If every element is -infinity, the first one counts as the largest.
  std::fill_n(y, v.count(), -std::numeric_limits<Scalar>::infinity());
  std::copy(first.begin(), first.end(), position);
  for_each_line(v, [&](std::size_t window, std::size_t at, std::size_t n) {
    const auto take = [&](auto stride) {
      take_larger(x, at, stride, n, y + window, position + window);
    };
    if (v.w.stride == 1) {
      take(std::integral_constant<std::size_t, 1>{});
    } else if (v.w.stride == 2) {
      take(std::integral_constant<std::size_t, 2>{});
    } else {
      take(v.w.stride);
    }
  });
}

}  // namespace

Tensor max_pool2d(const Tensor& x, Size2d kernel, const PoolingOptions& options) {
  const Windows v = check_pooling("max_pool2d", x.shape(), kernel, options);
  const std::size_t windows = v.count(), pixels = v.image_size();
  Array y = empty(result_shape(v, x.shape()));
  const Positions first = first_positions(v);
  Positions positions(y.size());
  for_each_channel(v, x.shape(), [&](std::size_t i) {
    max_of_channel(v, first, x.value().data() + i * pixels, y.data() + i * windows,
                   positions.data() + i * windows);
  });
  return record(
      "max_pool2d", std::move(y),
      wrt(x, [v, windows, pixels, positions = std::move(positions)](const Array& g, Gradient& dx) {
        dx.accumulate([&](Array& to, Scalar beta) {
          for_each_channel(v, dx.shape(), [&](std::size_t i) {
            Scalar* const channel = to.data() + i * pixels;
            if (beta == 0) std::fill_n(channel, pixels, Scalar{0});
            for (std::size_t k = i * windows; k < (i + 1) * windows; ++k) {
              channel[static_cast<std::size_t>(positions[k])] += g.data()[k];
            }
          });
        });
      }));
}

Tensor avg_pool2d(const Tensor& x, Size2d kernel, const PoolingOptions& options) {
  const Windows v = check_pooling("avg_pool2d", x.shape(), kernel, options);
  const std::size_t windows = v.count(), pixels = v.image_size(), stride = v.w.stride;
  const auto share = static_cast<Scalar>(1 / static_cast<double>(v.kernel_size()));
  Array y = zeros(result_shape(v, x.shape()));
  for_each_channel(v, x.shape(), [&](std::size_t i) {
    const Scalar* const channel = x.value().data() + i * pixels;
    Scalar* const to = y.data() + i * windows;
    for_each_line(v, [&](std::size_t window, std::size_t at, std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) to[window + k] += channel[at + k * stride];
    });
    for (std::size_t k = 0; k < windows; ++k) to[k] *= share;
  });
  return record("avg_pool2d", std::move(y), wrt(x, [=](const Array& g, Gradient& dx) {
                  dx.accumulate([&](Array& to, Scalar beta) {
                    for_each_channel(v, dx.shape(), [&](std::size_t i) {
                      const Scalar* const from = g.data() + i * windows;
                      Scalar* const channel = to.data() + i * pixels;
                      if (beta == 0) std::fill_n(channel, pixels, Scalar{0});
                      for_each_line(v, [&](std::size_t window, std::size_t at, std::size_t n) {
                        for (std::size_t k = 0; k < n; ++k) {
                          channel[at + k * stride] += share * from[window + k];
                        }
                      });
                    });
                  });
                }));
}

}  // namespace xgrad::inline XGRAD_ABI
