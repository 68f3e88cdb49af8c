// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_shape.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Records x with its axes in the given order.
Tensor permuted(const char* op, const Tensor& x, const Shape& order) {
  Shape inverse(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) inverse[order[i]] = i;
  return record(op, permute(x.value(), order),
                wrt(x, [inverse](const Array& g, Gradient& dx) { dx.add(permute(g, inverse)); }));
}

// Records the elements of x in another shape with as many elements.
Tensor reshaped(const char* op, const Tensor& x, const Shape& shape) {
  Array y = x.value();
  y.reshape(shape);
  return record(op, std::move(y), wrt(x, [](Array g, Gradient& dx) {
                  g.reshape(dx.shape());
                  dx.add(std::move(g));
                }));
}

// Splits the part [begin, begin + extent) of `whole` along an axis into spans, and calls
// visit(offset in whole, offset in part, length) for each.
template <class Visit>
void for_each_span(const AxisView& whole, std::size_t begin, std::size_t extent, Visit visit) {
  const std::size_t length = extent * whole.inner;
  for (std::size_t i = 0; i < whole.outer; ++i) {
    visit((i * whole.extent + begin) * whole.inner, i * length, length);
  }
}

// Copies whole[begin : begin + extent], along the axis of the view, to `part`.
void copy_out(const Array& whole, const AxisView& view, std::size_t begin, std::size_t extent,
              Array& part) {
  for_each_span(view, begin, extent, [&](std::size_t from, std::size_t to, std::size_t n) {
    std::copy_n(whole.data() + from, n, part.data() + to);
  });
}

}  // namespace

Tensor transpose(const Tensor& x) {
  Shape order(x.ndim());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
  return permuted("transpose", x, order);
}

Tensor transpose(const Tensor& x, std::ptrdiff_t axis, std::ptrdiff_t other) {
  Shape order(x.ndim());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::swap(order[normalize_axis("transpose", axis, x.ndim())],
            order[normalize_axis("transpose", other, x.ndim())]);
  return permuted("transpose", x, order);
}

Tensor permute(const Tensor& x, const Axes& axes) {
  const Shape order = axes.positions("permute", x.ndim());
  if (order.size() != x.ndim()) {
    throw ShapeError("[permute] each axis of " + to_string(x.shape()) +
                     " must be listed once, got " + std::to_string(order.size()) + " axes");
  }
  return permuted("permute", x, order);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (element_count(shape) != x.size()) {
    throw ShapeError("[reshape] " + to_string(x.shape()) + " has " + std::to_string(x.size()) +
                     " elements, " + to_string(shape) + " needs " +
                     std::to_string(element_count(shape)));
  }
  return reshaped("reshape", x, shape);
}

Tensor flatten(const Tensor& x, std::ptrdiff_t start) {
  const bool is_end = start == static_cast<std::ptrdiff_t>(x.ndim());
  const std::size_t first = is_end ? x.ndim() : normalize_axis("flatten", start, x.ndim());
  Shape shape(first + 1, 1);
  for (std::size_t i = 0; i < x.ndim(); ++i) shape[std::min(i, first)] *= x.shape()[i];
  return reshaped("flatten", x, shape);
}

Tensor squeeze(const Tensor& x, std::ptrdiff_t axis) {
  const std::size_t position = normalize_axis("squeeze", axis, x.ndim());
  if (x.shape()[position] != 1) {
    throw ShapeError("[squeeze] axis " + std::to_string(position) + " of " + to_string(x.shape()) +
                     " must have extent 1");
  }
  return reshaped("squeeze", x, reduced_shape(x.shape(), position, false));
}

Tensor unsqueeze(const Tensor& x, std::ptrdiff_t axis) {
  const std::size_t position = normalize_axis("unsqueeze", axis, x.ndim() + 1);
  Shape shape(x.ndim() + 1, 1);
  for (std::size_t i = 0; i < x.ndim(); ++i) shape[i < position ? i : i + 1] = x.shape()[i];
  return reshaped("unsqueeze", x, shape);
}

Tensor Tensor::operator[](std::ptrdiff_t index) const {
  if (ndim() == 0) throw ShapeError("[operator[]] the tensor must have at least one axis, got ()");
  const std::size_t row = normalize_index("operator[]", index, shape()[0], 0);
  return squeeze(slice(*this, 0, row, row + 1), 0);
}

Tensor concatenate(const std::vector<Tensor>& tensors, std::ptrdiff_t axis) {
  if (tensors.empty()) throw ShapeError("[concatenate] at least one tensor is needed");
  const Shape& first = tensors.front().shape();
  const std::size_t along = normalize_axis("concatenate", axis, first.size());
  Shape shape = first;
  shape[along] = 0;
  for (const Tensor& t : tensors) {
    Shape expected = t.shape();
    if (expected.size() == first.size()) expected[along] = first[along];
    if (expected != first) {
      throw ShapeError("[concatenate] all extents except that of axis " + std::to_string(along) +
                       " must be equal: " + to_string(first) + " and " + to_string(t.shape()));
    }
    shape[along] += t.shape()[along];
  }
  const AxisView view = view_around(shape, along);
  Array y = empty(shape);
  detail::Edges edges;
  std::size_t begin = 0;
  for (const Tensor& t : tensors) {
    const std::size_t extent = t.shape()[along];
    for_each_span(view, begin, extent, [&](std::size_t to, std::size_t from, std::size_t n) {
      std::copy_n(t.value().data() + from, n, y.data() + to);
    });
    edges.push_back(wrt(t, [view, begin, extent](const Array& g, Gradient& dt) {
      Array part = empty(dt.shape());
      copy_out(g, view, begin, extent, part);
      dt.add(std::move(part));
    }));
    begin += extent;
  }
  return detail::record("concatenate", std::move(y), std::move(edges));
}

Tensor stack(const std::vector<Tensor>& tensors, std::ptrdiff_t axis) {
  if (tensors.empty()) throw ShapeError("[stack] at least one tensor is needed");
  normalize_axis("stack", axis, tensors.front().ndim() + 1);
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors) {
    require_same_shape("stack", tensors.front().shape(), t.shape());
    parts.push_back(unsqueeze(t, axis));
  }
  return concatenate(parts, axis);
}

Tensor slice(const Tensor& x, std::ptrdiff_t axis, std::size_t begin, std::size_t end) {
  const std::size_t along = normalize_axis("slice", axis, x.ndim());
  Shape shape = x.shape();
  if (begin > end || end > shape[along]) {
    throw ShapeError("[slice] [" + std::to_string(begin) + ", " + std::to_string(end) +
                     ") is not a part of axis " + std::to_string(along) + " of " +
                     to_string(shape));
  }
  shape[along] = end - begin;
  const AxisView view = view_around(x.shape(), along);
  Array y = empty(shape);
  copy_out(x.value(), view, begin, end - begin, y);
  return record("slice", std::move(y), wrt(x, [=](const Array& g, Gradient& dx) {
                  dx.accumulate([&](Array& out, Scalar beta) {
                    if (beta == 0) out.fill(0);
                    for_each_span(view, begin, end - begin,
                                  [&](std::size_t to, std::size_t from, std::size_t n) {
                                    Scalar* const part = out.data() + to;
                                    kernels().add(part, 1, g.data() + from, 1, part, n);
                                  });
                  });
                }));
}

}  // namespace xgrad::inline XGRAD_ABI
