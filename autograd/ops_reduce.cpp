// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI {
namespace {

Array reshaped(Array x, const Shape& shape) {
  x.reshape(shape);
  return x;
}

void require_elements(const char* op, const Shape& shape, std::size_t extent) {
  if (extent > 0) return;
  throw ShapeError("[" + std::string(op) + "] nothing to reduce: the shape is " + to_string(shape));
}

// Calls visit(first, stride, position) for each line of `view.extent` elements along the axis. The
// line has the elements first, first + stride, ...; `position` is its index in the reduced array.
template <class Visit>
void for_each_line(const AxisView& view, Visit visit) {
  for (std::size_t i = 0; i < view.outer; ++i) {
    for (std::size_t j = 0; j < view.inner; ++j) {
      visit(i * view.extent * view.inner + j, view.inner, i * view.inner + j);
    }
  }
}

// NaN counts as larger than every number.
bool larger(Scalar a, Scalar b) { return a > b || (std::isnan(a) && !std::isnan(b)); }

Tensor max_over(const Tensor& x, const AxisView& view, const Shape& shape) {
  require_elements("max", x.shape(), view.extent);
  const SavedArray xv(x);
  Array result = empty(shape);
  for_each_line(view, [&](std::size_t first, std::size_t stride, std::size_t position) {
    Scalar most = xv->data()[first];
    for (std::size_t k = 1; k < view.extent; ++k) {
      const Scalar v = xv->data()[first + k * stride];
      if (larger(v, most)) most = v;
    }
    result.data()[position] = most;
  });
  const SavedArray kept = std::move(result);
  return record("max", kept, wrt(x, [xv, kept, view](const Array& g, Gradient& dx) {
                  Array share = zeros(xv->shape());
                  for_each_line(
                      view, [&](std::size_t first, std::size_t stride, std::size_t position) {
                        const Scalar most = kept->data()[position];
                        std::size_t ties = 0;
                        for (std::size_t k = 0; k < view.extent; ++k)
                          ties += xv->data()[first + k * stride] == most;
                        for (std::size_t k = 0; k < view.extent; ++k) {
                          const std::size_t at = first + k * stride;
                          if (xv->data()[at] == most)
                            share.data()[at] = g.data()[position] / static_cast<Scalar>(ties);
                        }
                      });
                  dx.add(std::move(share));
                }));
}

}  // namespace

Tensor sum(const Tensor& x) {
  return record("sum", full({}, static_cast<Scalar>(sum_all(x.value()))),
                wrt(x, [](const Array& g, Gradient& dx) { dx.add(full(dx.shape(), *g.data())); }));
}

Tensor sum(const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  const std::size_t along = normalize_axis("sum", axis, x.ndim());
  return record("sum", sum_axis(x.value(), along, keepdims),
                wrt(x, [along](const Array& g, Gradient& dx) {
                  const Shape kept = reduced_shape(dx.shape(), along, true);
                  dx.add(broadcast_to(reshaped(g, kept), dx.shape()));
                }));
}

Tensor mean(const Tensor& x) {
  require_elements("mean", x.shape(), x.size());
  return sum(x) / static_cast<double>(x.size());
}

Tensor mean(const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  const std::size_t extent = x.shape()[normalize_axis("mean", axis, x.ndim())];
  require_elements("mean", x.shape(), extent);
  return sum(x, axis, keepdims) / static_cast<double>(extent);
}

Tensor max(const Tensor& x) { return max_over(x, {1, x.size(), 1}, {}); }

Tensor max(const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  const std::size_t along = normalize_axis("max", axis, x.ndim());
  return max_over(x, view_around(x.shape(), along), reduced_shape(x.shape(), along, keepdims));
}

Indices argmax(const Tensor& x, std::ptrdiff_t axis) {
  const std::size_t along = normalize_axis("argmax", axis, x.ndim());
  const AxisView view = view_around(x.shape(), along);
  require_elements("argmax", x.shape(), view.extent);
  const Scalar* const values = x.value().data();
  Indices result = Indices::from_shape(reduced_shape(x.shape(), along, false));
  for_each_line(view, [&](std::size_t first, std::size_t stride, std::size_t position) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < view.extent; ++k) {
      if (larger(values[first + k * stride], values[first + best * stride])) best = k;
    }
    result.data()[position] = static_cast<std::int32_t>(best);
  });
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI
