// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_shape.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

std::string shape_of(const Indices& indices) {
  return to_string(Shape(indices.shape().begin(), indices.shape().end()));
}

// Throws DataError unless all indices are in [0, extent).
void require_indices(const char* op, const Indices& indices, std::size_t extent) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int32_t index = indices.data()[i];
    if (index >= 0 && static_cast<std::size_t>(index) < extent) continue;
    throw DataError("[" + std::string(op) + "] index " + std::to_string(index) + " at position " +
                    std::to_string(i) + " is outside [0, " + std::to_string(extent) + ")");
  }
}

// Returns for each element of gather(x, axis, indices) the position of its element of x.
std::vector<std::size_t, Allocator<std::size_t>> gathered_positions(const Shape& shape,
                                                                    std::size_t axis,
                                                                    const Indices& indices) {
  std::vector<std::size_t, Allocator<std::size_t>> positions(indices.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::size_t rest = i, stride = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
      const std::size_t extent = indices.shape()[d];
      const std::size_t along =
          d == axis ? static_cast<std::size_t>(indices.data()[i]) : rest % extent;
      positions[i] += along * stride;
      rest /= extent;
      stride *= shape[d];
    }
  }
  return positions;
}

}  // namespace

Tensor index_select(const Tensor& x, std::ptrdiff_t axis, const Indices& indices) {
  const std::size_t along = normalize_axis("index_select", axis, x.ndim());
  if (indices.dimension() != 1) {
    throw ShapeError("[index_select] the indices must be a vector, their shape is " +
                     shape_of(indices));
  }
  const AxisView view = view_around(x.shape(), along);
  require_indices("index_select", indices, view.extent);
  Shape shape = x.shape();
  shape[along] = indices.size();
  // Calls visit(offset in x, offset in the result) for each span of view.inner elements.
  const auto for_each_span = [view, indices](auto visit) {
    std::size_t to = 0;
    for (std::size_t i = 0; i < view.outer; ++i) {
      for (const std::int32_t index : indices) {
        visit((i * view.extent + static_cast<std::size_t>(index)) * view.inner, to);
        to += view.inner;
      }
    }
  };
  Array y = empty(shape);
  for_each_span([&](std::size_t from, std::size_t to) {
    std::copy_n(x.value().data() + from, view.inner, y.data() + to);
  });
  return record("index_select", std::move(y), wrt(x, [=](const Array& g, Gradient& dx) {
                  dx.accumulate([&](Array& out, Scalar beta) {
                    if (beta == 0) out.fill(0);
                    for_each_span([&](std::size_t to, std::size_t from) {
                      Scalar* const part = out.data() + to;
                      kernels().add(part, 1, g.data() + from, 1, part, view.inner);
                    });
                  });
                }));
}

Tensor gather(const Tensor& x, std::ptrdiff_t axis, const Indices& indices) {
  const std::size_t along = normalize_axis("gather", axis, x.ndim());
  bool fits = indices.dimension() == x.ndim();
  for (std::size_t d = 0; fits && d < x.ndim(); ++d) {
    fits = d == along || indices.shape()[d] <= x.shape()[d];
  }
  if (!fits) {
    throw ShapeError(
        "[gather] the indices must have as many axes as the tensor, and on all axes but " +
        std::to_string(along) + " at most its extent: " + shape_of(indices) + " and " +
        to_string(x.shape()));
  }
  require_indices("gather", indices, x.shape()[along]);
  const auto positions = gathered_positions(x.shape(), along, indices);
  Array y = empty(Shape(indices.shape().begin(), indices.shape().end()));
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] = x.value().data()[positions[i]];
  return record("gather", std::move(y), wrt(x, [positions](const Array& g, Gradient& dx) {
                  dx.accumulate([&](Array& out, Scalar beta) {
                    if (beta == 0) out.fill(0);
                    for (std::size_t i = 0; i < g.size(); ++i) {
                      out.data()[positions[i]] += g.data()[i];
                    }
                  });
                }));
}

Tensor one_hot(const Indices& labels, std::size_t classes) {
  require_indices("one_hot", labels, classes);
  Shape shape(labels.shape().begin(), labels.shape().end());
  shape.push_back(classes);
  Array y = zeros(shape);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    y.data()[i * classes + static_cast<std::size_t>(labels.data()[i])] = 1;
  }
  return Tensor(std::move(y));
}

}  // namespace xgrad::inline XGRAD_ABI
