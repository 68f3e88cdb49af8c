// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI {
namespace {

Array reversed_axes(const Array& x) {
  Shape order(x.dimension());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
  return permute(x, order);
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
  return record("transpose", reversed_axes(x.value()),
                wrt(x, [](const Array& g, Gradient& dx) { dx.add(reversed_axes(g)); }));
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (element_count(shape) != x.size()) {
    throw ShapeError("[reshape] " + to_string(x.shape()) + " has " + std::to_string(x.size()) +
                     " elements, " + to_string(shape) + " needs " +
                     std::to_string(element_count(shape)));
  }
  Array y = x.value();
  y.reshape(shape);
  return record("reshape", std::move(y), wrt(x, [](Array g, Gradient& dx) {
                  g.reshape(dx.shape());
                  dx.add(std::move(g));
                }));
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
