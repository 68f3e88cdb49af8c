// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_elementwise.hpp>
#include <xgrad/autograd/ops_reduce.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <algorithm>
#include <functional>

namespace xgrad::inline XGRAD_ABI {
namespace {

Array reshaped(Array x, const Shape& shape) {
  x.reshape(shape);
  return x;
}

Shape all_axes(std::size_t ndim) {
  Shape axes(ndim);
  for (std::size_t i = 0; i < ndim; ++i) axes[i] = i;
  return axes;
}

// Returns the number of elements that a reduction along these axes combines.
std::size_t count_along(const Shape& shape, const Shape& axes) {
  std::size_t count = 1;
  for (const std::size_t axis : axes) count *= shape[axis];
  return count;
}

void require_elements(const char* op, const Shape& shape, std::size_t count) {
  if (count > 0) return;
  throw ShapeError("[" + std::string(op) + "] nothing to reduce: the shape is " + to_string(shape));
}

Tensor sum_over(const Tensor& x, const Shape& axes, bool keepdims) {
  const Shape kept = reduced_shape(x.shape(), axes, true);
  return record("sum", sum_axes(x.value(), axes, keepdims),
                wrt(x, [kept](const Array& g, Gradient& dx) {
                  dx.add(broadcast_to(reshaped(g, kept), dx.shape()));
                }));
}

Tensor mean_over(const Tensor& x, const Shape& axes, bool keepdims) {
  const std::size_t count = count_along(x.shape(), axes);
  require_elements("mean", x.shape(), count);
  return sum_over(x, axes, keepdims) / static_cast<double>(count);
}

Tensor var_over(const Tensor& x, const Shape& axes, double correction, bool keepdims) {
  const std::size_t count = count_along(x.shape(), axes);
  require_elements("var", x.shape(), count);
  const double divisor = static_cast<double>(count) - correction;
  if (!(divisor > 0)) {
    throw ShapeError("[var] more than " + format_number(correction) +
                     " elements are needed along the axes, got " + std::to_string(count) +
                     " of the shape " + to_string(x.shape()) + "; use a smaller correction");
  }
  const auto minus_mean = [&](const Array& from) {
    const Array sum = sum_axes(from, axes, true);
    return elementwise(kernels().sub, from,
                       elementwise(kernels().div, sum, static_cast<Scalar>(count)));
  };
  // Twice, because the first mean is rounded: the numbers may be far from 0.
  const SavedArray centred = minus_mean(minus_mean(x.value()));
  Array y = elementwise(kernels().div,
                        sum_axes(elementwise(kernels().mul, *centred, *centred), axes, keepdims),
                        static_cast<Scalar>(divisor));
  const auto scale = static_cast<Scalar>(2 / divisor);
  // The mean also depends on x, but its part of the gradient is 0: the sum of x - mean is 0.
  return record("var", std::move(y),
                wrt(x, [centred, scale, kept = reduced_shape(x.shape(), axes, true)](const Array& g,
                                                                                     Gradient& dx) {
                  const Array factor = elementwise(kernels().mul, reshaped(g, kept), scale);
                  dx.add(elementwise(kernels().mul, *centred, factor));
                }));
}

// Computes max and min; `reduce` is max_axes or min_axes. Equal extremes share the gradient.
Tensor extreme_over(const char* op, Array (*reduce)(const Array&, const Shape&, bool),
                    const Tensor& x, const Shape& axes, bool keepdims) {
  require_elements(op, x.shape(), count_along(x.shape(), axes));
  const SavedArray xv(x), kept = reduce(*xv, axes, true);
  return record(op, reshaped(*kept, reduced_shape(x.shape(), axes, keepdims)),
                wrt(x, [xv, kept, axes](const Array& g, Gradient& dx) {
                  Array is_extreme = elementwise(kernels().equal, *xv, *kept);
                  const Array share = elementwise(kernels().div, reshaped(g, kept->shape()),
                                                  sum_axes(is_extreme, axes, true));
                  dx.add(elementwise(kernels().mul, std::move(is_extreme), share));
                }));
}

// Returns the first index of the extreme of a line, or of the first NaN. There are no branches in
// the loop, because the processor could not predict them.
template <class Better>
std::int32_t first_extreme(const Scalar* line, std::size_t n, Better better) {
  Scalar best = line[0];
  bool has_nan = best != best;
  std::int32_t index = 0;
  for (std::size_t k = 1; k < n; ++k) {
    const Scalar v = line[k];
    has_nan |= v != v;
    index = better(v, best) ? static_cast<std::int32_t>(k) : index;
    best = better(v, best) ? v : best;
  }
  if (!has_nan) return index;
  const Scalar* const nan = std::find_if(line, line + n, [](Scalar v) { return v != v; });
  return static_cast<std::int32_t>(nan - line);
}

// Computes argmax and argmin. `reduce` is max_axes or min_axes, and `better` is > or <.
template <class Better>
Indices index_of_extreme(const char* op, Array (*reduce)(const Array&, const Shape&, bool),
                         Better better, const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  const std::size_t along = normalize_axis(op, axis, x.ndim());
  const AxisView view = view_around(x.shape(), along);
  require_elements(op, x.shape(), view.extent);
  Indices result = Indices::from_shape(reduced_shape(x.shape(), along, keepdims));
  const Scalar* from = x.value().data();
  if (view.inner == 1) {
    for (std::int32_t& index : result) {
      index = first_extreme(from, view.extent, better);
      from += view.extent;
    }
    return result;
  }
  // Searches all columns at once, backwards, for the elements that equal the extreme.
  const Array extreme = reduce(x.value(), {along}, keepdims);
  for (std::size_t i = 0; i < view.outer; ++i, from += view.extent * view.inner) {
    const Scalar* const best = extreme.data() + i * view.inner;
    std::int32_t* const index = result.data() + i * view.inner;
    for (std::size_t k = view.extent; k-- > 0;) {
      for (std::size_t j = 0; j < view.inner; ++j) {
        const Scalar v = from[k * view.inner + j];
        index[j] = v == best[j] || v != v ? static_cast<std::int32_t>(k) : index[j];
      }
    }
  }
  return result;
}

}  // namespace

Tensor sum(const Tensor& x) {
  return record("sum", full({}, static_cast<Scalar>(sum_all(x.value()))),
                wrt(x, [](const Array& g, Gradient& dx) { dx.add(full(dx.shape(), *g.data())); }));
}

Tensor sum(const Tensor& x, const Axes& axes, bool keepdims) {
  return sum_over(x, axes.positions("sum", x.ndim()), keepdims);
}

Tensor mean(const Tensor& x) { return mean_over(x, all_axes(x.ndim()), false); }

Tensor mean(const Tensor& x, const Axes& axes, bool keepdims) {
  return mean_over(x, axes.positions("mean", x.ndim()), keepdims);
}

Tensor var(const Tensor& x) { return var_over(x, all_axes(x.ndim()), 1, false); }

Tensor var(const Tensor& x, const Axes& axes, double correction, bool keepdims) {
  return var_over(x, axes.positions("var", x.ndim()), correction, keepdims);
}

Tensor max(const Tensor& x) { return extreme_over("max", max_axes, x, all_axes(x.ndim()), false); }

Tensor max(const Tensor& x, const Axes& axes, bool keepdims) {
  return extreme_over("max", max_axes, x, axes.positions("max", x.ndim()), keepdims);
}

Tensor min(const Tensor& x) { return extreme_over("min", min_axes, x, all_axes(x.ndim()), false); }

Tensor min(const Tensor& x, const Axes& axes, bool keepdims) {
  return extreme_over("min", min_axes, x, axes.positions("min", x.ndim()), keepdims);
}

Indices argmax(const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  return index_of_extreme("argmax", max_axes, std::greater<>(), x, axis, keepdims);
}

Indices argmin(const Tensor& x, std::ptrdiff_t axis, bool keepdims) {
  return index_of_extreme("argmin", min_axes, std::less<>(), x, axis, keepdims);
}

}  // namespace xgrad::inline XGRAD_ABI
