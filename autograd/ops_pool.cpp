// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/internal/windows.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI {
namespace {

using detail::Range;
using detail::Windows;

// The position of the largest element of each window in its channel. Uninitialized at first.
using Positions = xt::uvector<Position, Allocator<Position>>;

Windows check_pooling(const char* op, const Shape& x, const Size2d& kernel,
                      const PoolingOptions& options) {
  detail::require_pooling(op, kernel, options);
  const Size2d stride = options.stride == kKernelStride ? kernel : options.stride;
  Windows v = detail::windows(op, x, kernel, stride, options.padding);
  if (v.image_size() == 0) {
    throw ShapeError("[" + std::string(op) + "] the images must have at least one pixel, got " +
                     to_string(x));
  }
  return v;
}

Shape result_shape(const Windows& v, const Shape& x) { return {x[0], x[1], v.h.count, v.w.count}; }

// Calls body(begin, end) for ranges of channels of all images, in parallel.
template <class Body>
void for_channel_ranges(const Windows& v, const Shape& x, Body body) {
  const std::size_t work = v.count() * v.kernel_size() + v.image_size();
  parallel_for(x[0] * x[1], tuning::kElementGrain / work + 1, body, 1);
}

// Calls body(channel) for each channel of each image, in parallel.
template <class Body>
void for_each_channel(const Windows& v, const Shape& x, Body body) {
  for_channel_ranges(v, x, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
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

// Returns the position of the first element of a window that is inside the image.
std::size_t first_inside(const detail::WindowAxis& a, std::size_t window) {
  return window * a.stride > a.padding ? window * a.stride - a.padding : 0;
}

// Returns the position of the first element of each window that is inside the image.
Positions first_positions(const Windows& v) {
  Positions positions(v.count());
  for (std::size_t row = 0; row < v.h.count; ++row) {
    for (std::size_t k = 0; k < v.w.count; ++k) {
      positions[row * v.w.count + k] =
          static_cast<Position>(first_inside(v.h, row) * v.w.extent + first_inside(v.w, k));
    }
  }
  return positions;
}

// Elements and their positions in the channel.
struct Elements {
  Scalar* value;
  Position* position;
  Elements from(std::size_t i) const { return {value + i, position + i}; }
};

// Finds the largest element of each window of one channel. First, it finds those of the columns:
// `columns` has a line for each row of windows.
void max_of_channel(const Windows& v, const Positions& start, const Scalar* x, Elements columns,
                    Elements y) {
  const std::size_t width = v.w.extent;
  for (std::size_t row = 0; row < v.h.count; ++row) {
    const std::size_t begin = first_inside(v.h, row);
    const std::size_t end = std::min(row * v.h.stride + v.h.kernel - v.h.padding, v.h.extent);
    const Elements to = columns.from(row * width);
    kernels().largest_of_columns(x + begin * width, end - begin, width,
                                 static_cast<Position>(begin * width), to.value, to.position);
  }
  // If every element is -infinity, the first one counts as the largest.
  std::fill_n(y.value, v.count(), -std::numeric_limits<Scalar>::infinity());
  std::copy(start.begin(), start.end(), y.position);
  // Windows that cover their lines exactly follow each other as in one long line.
  const bool is_one_line = v.w.padding == 0 && v.w.count * v.w.stride == width;
  for (std::size_t line = 0; line < (is_one_line ? 1 : v.h.count); ++line) {
    for (std::size_t j = 0; j < v.w.kernel; ++j) {
      const Range& inside = v.w.inside[j];
      if (inside.size() == 0) continue;
      const Elements from = columns.from(line * width + v.w.position(inside.begin, j));
      const Elements to = y.from(line * v.w.count + inside.begin);
      kernels().replace_by_larger(from.value, from.position, v.w.stride,
                                  is_one_line ? v.count() : inside.size(), to.value, to.position);
    }
  }
}

}  // namespace

Tensor max_pool2d(const Tensor& x, Size2d kernel, const PoolingOptions& options) {
  const Windows v = check_pooling("max_pool2d", x.shape(), kernel, options);
  const std::size_t windows = v.count(), pixels = v.image_size();
  Array y = empty(result_shape(v, x.shape()));
  const Positions start = first_positions(v);
  Positions positions(y.size());
  for_channel_ranges(v, x.shape(), [&](std::size_t begin, std::size_t end) {
    Array value = empty({v.h.count, v.w.extent});
    Positions position(value.size());
    for (std::size_t i = begin; i < end; ++i) {
      max_of_channel(v, start, x.value().data() + i * pixels, {value.data(), position.data()},
                     {y.data() + i * windows, positions.data() + i * windows});
    }
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
