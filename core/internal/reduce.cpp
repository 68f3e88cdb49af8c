// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/arithmetic.hpp>

#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::inline XGRAD_ABI {
namespace {

// A shape in which neighbouring axes are one axis if all of them are reduced or all are kept.
struct MergedAxes {
  Shape shape;
  Shape axes;  // positions of the reduced axes, in ascending order
};

MergedAxes merged(const Shape& shape, const Shape& axes) {
  MergedAxes result;
  bool was_reduced = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    const bool is_reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (result.shape.empty() || is_reduced != was_reduced) {
      if (is_reduced) result.axes.push_back(result.shape.size());
      result.shape.push_back(1);
    }
    result.shape.back() *= shape[i];
    was_reduced = is_reduced;
  }
  return result;
}

// Reduces the axis of the view: rows(x, rows, cols, y) if the elements of a line are adjacent, and
// otherwise columns(x, rows, cols, stride, y).
template <class Rows, class Columns>
Array reduced(const Scalar* from, const AxisView& view, Rows rows, Columns columns) {
  Array y = empty({view.outer * view.inner});
  Scalar* const to = y.data();
  const std::size_t grain = tuning::kElementGrain / (view.extent + 1) + 1;
  if (view.inner == 1) {
    parallel_for(view.outer, grain, [&](std::size_t begin, std::size_t end) {
      rows(from + begin * view.extent, end - begin, view.extent, to + begin);
    });
    return y;
  }
  // The columns of all blocks in a row; a chunk has parts of several blocks.
  parallel_for(view.outer * view.inner, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end;) {
      const std::size_t block = at / view.inner, column = at % view.inner;
      const std::size_t count = std::min(view.inner - column, end - at);
      columns(from + block * view.extent * view.inner + column, view.extent, count, view.inner,
              to + at);
      at += count;
    }
  });
  return y;
}

template <class Rows, class Columns>
Array reduced(const Array& x, const Shape& axes, bool keepdims, Rows rows, Columns columns) {
  const Shape shape = reduced_shape(x.shape(), axes, keepdims);
  if (x.size() == 0) return zeros(shape);
  MergedAxes merge = merged(x.shape(), axes);
  if (merge.axes.empty()) {
    Array y = x;
    y.reshape(shape);
    return y;
  }
  Array y;
  const Scalar* from = x.data();
  for (std::size_t i = merge.axes.size(); i-- > 0;) {
    const std::size_t axis = merge.axes[i];
    y = reduced(from, view_around(merge.shape, axis), rows, columns);
    merge.shape[axis] = 1;
    from = y.data();
  }
  y.reshape(shape);
  return y;
}

}  // namespace

AxisView view_around(const Shape& shape, std::size_t axis) {
  AxisView view;
  for (std::size_t i = 0; i < axis; ++i) view.outer *= shape[i];
  view.extent = shape[axis];
  for (std::size_t i = axis + 1; i < shape.size(); ++i) view.inner *= shape[i];
  return view;
}

double sum_all(const Array& x) { return kernels().sum(x.data(), x.size()); }

bool all_finite(const Array& x) {
  // This test is fast. If it fails, the sum of the squares may have overflowed.
  if (std::isfinite(kernels().dot(x.data(), x.data(), x.size()))) return true;
  return std::all_of(x.data(), x.data() + x.size(), [](Scalar v) { return std::isfinite(v); });
}

Array sum_axes(const Array& x, const Shape& axes, bool keepdims) {
  const auto row_sum = [sum = kernels().sum](const Scalar* from, std::size_t rows, std::size_t cols,
                                             Scalar* y) {
    for (std::size_t i = 0; i < rows; ++i) y[i] = static_cast<Scalar>(sum(from + i * cols, cols));
  };
  const auto columns = [column_sum = kernels().column_sum](const Scalar* from, std::size_t rows,
                                                           std::size_t cols, std::size_t stride,
                                                           Scalar* y) {
    column_sum(from, rows, cols, stride, 0, y);
  };
  return reduced(x, axes, keepdims, row_sum, columns);
}

Array sum_axis(const Array& x, std::size_t axis, bool keepdims) {
  return sum_axes(x, {axis}, keepdims);
}

Array max_axes(const Array& x, const Shape& axes, bool keepdims) {
  return reduced(x, axes, keepdims, kernels().row_max, kernels().column_max);
}

Array min_axes(const Array& x, const Shape& axes, bool keepdims) {
  return reduced(x, axes, keepdims, kernels().row_min, kernels().column_min);
}

Array sum_to(const Array& x, const Shape& shape) {
  const std::size_t missing = x.dimension() - shape.size();
  Shape axes;
  for (std::size_t i = 0; i < x.dimension(); ++i) {
    if (i < missing || (shape[i - missing] == 1 && x.shape()[i] != 1)) axes.push_back(i);
  }
  Array y = sum_axes(x, axes, true);
  y.reshape(shape);
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI
