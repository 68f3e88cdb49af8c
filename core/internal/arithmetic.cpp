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

// Computes spans that are too short for one call of the kernel each: copies the operands of several
// spans next to each other. An operand of the shape of y needs no copy.
void run_short_spans(Kernels::Binary kernel, const Loops& loops, const Array& a, const Array& b,
                     Array& y) {
  constexpr std::size_t block = tuning::kShortSpanBlock;
  Scalar a_copy[block], b_copy[block];
  const bool a_is_whole = a.size() == y.size(), b_is_whole = b.size() == y.size();
  const Loop inner = loops.back();
  const auto copy = [n = inner.extent](const Scalar* from, std::size_t step, Scalar* to) {
    for (std::size_t i = 0; i < n; ++i) to[i] = from[i * step];
  };
  std::size_t begin = 0, count = 0;
  const auto compute = [&] {
    kernel(a_is_whole ? a.data() + begin : a_copy, 1, b_is_whole ? b.data() + begin : b_copy, 1,
           y.data() + begin, count);
    begin += count;
    count = 0;
  };
  for_each_span(loops, [&](std::size_t ia, std::size_t ib, std::size_t) {
    if (count + inner.extent > block) compute();
    if (!a_is_whole) copy(a.data() + ia, inner.a_step, a_copy + count);
    if (!b_is_whole) copy(b.data() + ib, inner.b_step, b_copy + count);
    count += inner.extent;
  });
  compute();
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
  if (loops.size() > 1 && inner.extent < tuning::kShortSpan) {
    run_short_spans(kernel, loops, a, b, y);
    return y;
  }
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

Array broadcast_to(const Array& x, const Shape& shape) {
  return elementwise("broadcast", kernels().add, x, zeros(shape));
}

Array select(const char* op, const Array& mask, const Array& a, const Array& b) {
  Array y = empty(broadcast_shape(op, mask.shape(), broadcast_shape(op, a.shape(), b.shape())));
  // An operand with one element needs no copy in the shape of y.
  Array copies[3];
  const auto expanded = [&y](const Array& x, Array& copy) {
    if (x.size() == 1 || x.shape() == y.shape()) return x.data();
    copy = broadcast_to(x, y.shape());
    return std::as_const(copy).data();
  };
  const Scalar* const m = expanded(mask, copies[0]);
  const Scalar* const from_a = expanded(a, copies[1]);
  const Scalar* const from_b = expanded(b, copies[2]);
  const std::size_t m_step = mask.size() != 1, a_step = a.size() != 1, b_step = b.size() != 1;
  parallel_for(y.size(), tuning::kElementGrain, [&](std::size_t begin, std::size_t end) {
    kernels().select(m + begin * m_step, m_step, from_a + begin * a_step, a_step,
                     from_b + begin * b_step, b_step, y.data() + begin, end - begin);
  });
  return y;
}

namespace {

// Returns the loops over the axes of permute(x, order), outermost first. The step a is that of x,
// the step b that of the result. Loops that are one loop in both are merged.
Loops permuted_loops(const Shape& shape, const Shape& order) {
  Shape x_step(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) x_step[i - 1] = x_step[i] * shape[i];
  Loops loops;
  std::size_t y_step = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    const Loop loop{shape[order[i]], x_step[order[i]], y_step};
    y_step *= loop.extent;
    if (loop.extent == 1) continue;
    if (!loops.empty() && loop.a_step == loops.back().a_step * loops.back().extent) {
      loops.back().extent *= loop.extent;
    } else {
      loops.push_back(loop);
    }
  }
  if (loops.empty()) loops.push_back({1, 1, 1});
  std::reverse(loops.begin(), loops.end());
  return loops;
}

// Transposes a matrix: y[i, j] = x[j, i]. Row i of y starts at y + i y_stride, and row j of x at
// x + j x_stride. Works in tiles, so that each cache line is used completely while it is in the
// cache.
void transpose(const Scalar* x, std::size_t x_stride, Scalar* y, std::size_t y_stride,
               std::size_t rows, std::size_t cols) {
  constexpr std::size_t tile = tuning::kTransposeRows;
  for (std::size_t begin = 0; begin < cols; begin += tile) {
    const std::size_t end = std::min(begin + tile, cols);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = begin; j < end; ++j) y[i * y_stride + j] = x[j * x_stride + i];
    }
  }
}

}  // namespace

Array permute(const Array& x, const Shape& order) {
  Shape shape(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) shape[i] = x.shape()[order[i]];
  Array y = empty(shape);
  if (y.size() == 0) return y;
  Loops loops = permuted_loops(x.shape(), order);
  const Loop inner = loops.back();
  // The loop over the elements that are adjacent in x. It is the innermost loop, or a matrix of
  // this and the innermost loop is transposed for each iteration of the others.
  const auto adjacent =
      std::find_if(loops.begin(), loops.end(), [](const Loop& loop) { return loop.a_step == 1; });
  const Loop rows = *adjacent;
  loops.pop_back();
  if (inner.a_step != 1) loops.erase(adjacent);
  loops.push_back({1, 0, 0});
  for_each_span(loops, [&](std::size_t from, std::size_t to, std::size_t) {
    if (inner.a_step == 1) {
      std::copy_n(x.data() + from, inner.extent, y.data() + to);
    } else {
      transpose(x.data() + from, inner.a_step, y.data() + to, rows.b_step, rows.extent,
                inner.extent);
    }
  });
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI
