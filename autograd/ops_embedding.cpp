// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

// The rows of the weight that an embedding returns.
using Rows = std::vector<std::size_t, Allocator<std::size_t>>;

Rows checked_rows(const Indices& indices, const Shape& weight) {
  if (weight.size() != 2) {
    throw ShapeError("[embedding] the weight must be (count, dim), got " + to_string(weight));
  }
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int32_t index = indices.data()[i];
    if (index >= 0 && static_cast<std::size_t>(index) < weight[0]) continue;
    throw DataError("[embedding] index " + std::to_string(index) + " at position " +
                    std::to_string(i) + " is outside [0, " + std::to_string(weight[0]) + ")");
  }
  return Rows(indices.begin(), indices.end());
}

}  // namespace

Tensor embedding(const Indices& indices, const Tensor& weight) {
  Rows rows = checked_rows(indices, weight.shape());
  const std::size_t dim = weight.shape()[1];
  Shape shape(indices.shape().begin(), indices.shape().end());
  shape.push_back(dim);
  Array y = empty(shape);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(weight.value().data() + rows[i] * dim, dim, y.data() + i * dim);
  }
  return record("embedding", std::move(y),
                wrt(weight, [rows = std::move(rows), dim](const Array& g, Gradient& dw) {
                  dw.accumulate([&](Array& to, Scalar beta) {
                    if (beta == 0) to.fill(0);
                    // Threads share the columns, because rows may occur several times.
                    const std::size_t grain = tuning::kElementGrain / (rows.size() + 1) + 1;
                    parallel_for(dim, grain, [&](std::size_t begin, std::size_t end) {
                      for (std::size_t i = 0; i < rows.size(); ++i) {
                        Scalar* const row = to.data() + rows[i] * dim + begin;
                        kernels().add(row, 1, g.data() + i * dim + begin, 1, row, end - begin);
                      }
                    });
                  });
                }));
}

}  // namespace xgrad::inline XGRAD_ABI
