// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/arithmetic.hpp>

#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

// One loop of a broadcast: its length, and by how many elements each operand moves per iteration.
struct Loop {
  std::size_t extent;
  std::size_t a_step;
  std::size_t b_step;
};
using Loops = std::vector<Loop, Allocator<Loop>>;

// Returns the loops over `shape`, outermost first. Adjacent loops are merged if both operands allow
// it: (64, 128) + (128,) becomes 64 spans of 128 elements, and equal shapes become one span.
Loops broadcast_loops(const Shape& shape, const Shape& a, const Shape& b) {
  Loops loops;  // innermost first while building
  std::size_t a_next = 1;
  std::size_t b_next = 1;
  for (std::size_t i = 1; i <= shape.size(); ++i) {
    const std::size_t extent = shape[shape.size() - i];
    const std::size_t ea = i <= a.size() ? a[a.size() - i] : 1;
    const std::size_t eb = i <= b.size() ? b[b.size() - i] : 1;
    const Loop loop{extent, ea == 1 ? 0 : a_next, eb == 1 ? 0 : b_next};
    a_next *= ea;
    b_next *= eb;
    if (extent == 1) continue;
    if (!loops.empty() && loop.a_step == loops.back().a_step * loops.back().extent &&
        loop.b_step == loops.back().b_step * loops.back().extent) {
      loops.back().extent *= extent;
    } else {
      loops.push_back(loop);
    }
  }
  if (loops.empty()) loops.push_back({1, 0, 0});
  std::reverse(loops.begin(), loops.end());
  return loops;
}

// Calls body(a_offset, b_offset, y_offset) for each span of the innermost loop. The indices of the
// outer loops advance like the digits of an odometer.
template <class Body>
void for_each_span(const Loops& loops, Body body) {
  const std::size_t outer = loops.size() - 1;
  std::vector<std::size_t, Allocator<std::size_t>> index(outer, 0);
  std::size_t a = 0;
  std::size_t b = 0;
  for (std::size_t y = 0;; y += loops[outer].extent) {
    body(a, b, y);
    std::size_t d = outer;
    for (; d > 0; --d) {
      const Loop& loop = loops[d - 1];
      a += loop.a_step;
      b += loop.b_step;
      if (++index[d - 1] < loop.extent) break;
      a -= loop.a_step * loop.extent;
      b -= loop.b_step * loop.extent;
      index[d - 1] = 0;
    }
    if (d == 0) return;
  }
}

void run_parallel(Kernels::Binary kernel, const Scalar* a, std::size_t a_step, const Scalar* b,
                  std::size_t b_step, Scalar* y, std::size_t n) {
  parallel_for(n, tuning::kElementGrain, [=](std::size_t begin, std::size_t end) {
    kernel(a + begin * a_step, a_step, b + begin * b_step, b_step, y + begin, end - begin);
  });
}

}  // namespace

Array elementwise(Kernels::Unary kernel, const Array& x) {
  Array y = empty(x.shape());
  const Scalar* const from = x.data();
  Scalar* const to = y.data();
  parallel_for(x.size(), tuning::kElementGrain, [=](std::size_t begin, std::size_t end) {
    kernel(from + begin, to + begin, end - begin);
  });
  return y;
}

Array elementwise(const char* op, Kernels::Binary kernel, const Array& a, const Array& b) {
  if (a.shape() == b.shape()) {
    Array y = empty(a.shape());
    run_parallel(kernel, a.data(), 1, b.data(), 1, y.data(), y.size());
    return y;
  }
  const Shape shape = broadcast_shape(op, a.shape(), b.shape());
  Array y = empty(shape);
  if (y.size() == 0) return y;
  const Loops loops = broadcast_loops(shape, a.shape(), b.shape());
  const Loop inner = loops.back();
  for_each_span(loops, [&](std::size_t ia, std::size_t ib, std::size_t iy) {
    run_parallel(kernel, a.data() + ia, inner.a_step, b.data() + ib, inner.b_step, y.data() + iy,
                 inner.extent);
  });
  return y;
}

Array elementwise(Kernels::Binary kernel, const Array& a, Scalar b) {
  Array y = empty(a.shape());
  run_parallel(kernel, a.data(), 1, &b, 0, y.data(), y.size());
  return y;
}

Array elementwise(Kernels::Binary kernel, Scalar a, const Array& b) {
  Array y = empty(b.shape());
  run_parallel(kernel, &a, 0, b.data(), 1, y.data(), y.size());
  return y;
}

Array elementwise(Kernels::Binary kernel, Array&& a, const Array& b) {
  if (a.shape() != b.shape()) return elementwise(kernel, std::as_const(a), b);
  run_parallel(kernel, a.data(), 1, b.data(), 1, a.data(), a.size());
  return std::move(a);
}

Array elementwise(Kernels::Binary kernel, Array&& a, Scalar b) {
  run_parallel(kernel, a.data(), 1, &b, 0, a.data(), a.size());
  return std::move(a);
}

void add_to(Array& y, const Array& x) {
  run_parallel(kernels().add, y.data(), 1, x.data(), 1, y.data(), y.size());
}

double sum_all(const Array& x) { return kernels().sum(x.data(), x.size()); }

bool all_finite(const Array& x) {
  // This test is fast. If it fails, the sum of the squares may have overflowed.
  if (std::isfinite(kernels().dot(x.data(), x.data(), x.size()))) return true;
  return std::all_of(x.data(), x.data() + x.size(), [](Scalar v) { return std::isfinite(v); });
}

AxisView view_around(const Shape& shape, std::size_t axis) {
  AxisView view;
  for (std::size_t i = 0; i < axis; ++i) view.outer *= shape[i];
  view.extent = shape[axis];
  for (std::size_t i = axis + 1; i < shape.size(); ++i) view.inner *= shape[i];
  return view;
}

Array sum_axis(const Array& x, std::size_t axis, bool keepdims) {
  const Kernels& k = kernels();
  const AxisView view = view_around(x.shape(), axis);
  if (x.size() == 0) return zeros(reduced_shape(x.shape(), axis, keepdims));
  Array y = empty(reduced_shape(x.shape(), axis, keepdims));
  const Scalar* const from = x.data();
  Scalar* const to = y.data();
  if (view.inner == 1) {
    parallel_for(view.outer, tuning::kElementGrain / (view.extent + 1) + 1,
                 [=, &k](std::size_t begin, std::size_t end) {
                   for (std::size_t i = begin; i < end; ++i) {
                     to[i] = static_cast<Scalar>(k.sum(from + i * view.extent, view.extent));
                   }
                 });
    return y;
  }
  for (std::size_t i = 0; i < view.outer; ++i) {
    const Scalar* const block = from + i * view.extent * view.inner;
    parallel_for(view.inner, tuning::kElementGrain / (view.extent + 1) + 1,
                 [=, &k](std::size_t begin, std::size_t end) {
                   k.column_sum(block + begin, view.extent, end - begin, view.inner, 0,
                                to + i * view.inner + begin);
                 });
  }
  return y;
}

Array sum_to(const Array& x, const Shape& shape) {
  Array sums;
  const Array* current = &x;
  const auto sum_over = [&](std::size_t axis, bool keepdims) {
    sums = sum_axis(*current, axis, keepdims);
    current = &sums;
  };
  while (current->dimension() > shape.size()) sum_over(0, false);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1 && current->shape()[i] != 1) sum_over(i, true);
  }
  if (current == &x) return x;
  return sums;
}

Array broadcast_to(const Array& x, const Shape& shape) {
  return elementwise("broadcast", kernels().add, x, zeros(shape));
}

namespace {

// Works in tiles, so that each cache line is used completely while it is in the cache.
Array transposed(const Array& x) {
  constexpr std::size_t tile = tuning::kTransposeRows;
  const std::size_t rows = x.shape()[0], cols = x.shape()[1];
  Array y = empty({cols, rows});
  for (std::size_t i = 0; i < rows; i += tile) {
    for (std::size_t j = 0; j < cols; ++j) {
      for (std::size_t k = i; k < std::min(i + tile, rows); ++k) {
        y.data()[j * rows + k] = x.data()[k * cols + j];
      }
    }
  }
  return y;
}

}  // namespace

Array permute(const Array& x, const Shape& order) {
  const std::size_t ndim = x.dimension();
  if (ndim == 2 && order[0] == 1) return transposed(x);
  Shape shape(ndim);
  std::vector<std::size_t> stride(ndim, 1);  // x's strides
  for (std::size_t i = ndim; i-- > 1;) stride[i - 1] = stride[i] * x.shape()[i];
  for (std::size_t i = 0; i < ndim; ++i) shape[i] = x.shape()[order[i]];
  Array y = empty(shape);
  std::vector<std::size_t> index(ndim, 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < y.size(); ++to) {
    y.data()[to] = x.data()[from];
    for (std::size_t d = ndim; d-- > 0;) {
      from += stride[order[d]];
      if (++index[d] < shape[d]) break;
      from -= stride[order[d]] * shape[d];
      index[d] = 0;
    }
  }
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI
