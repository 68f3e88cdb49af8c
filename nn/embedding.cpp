// SPDX-License-Identifier: MIT
#include <xgrad/nn/embedding.hpp>

#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/internal/numbers.hpp>

#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

Shape embedding_shape(std::size_t count, std::size_t dim) {
  require_positive("Embedding", "count", static_cast<double>(count));
  require_positive("Embedding", "dim", static_cast<double>(dim));
  return {count, dim};
}

Indices to_indices(const Array& x) {
  constexpr double limit = std::numeric_limits<std::int32_t>::max();
  Indices indices = Indices::from_shape(Indices::shape_type(x.shape().begin(), x.shape().end()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto value = static_cast<double>(x.data()[i]);
    if (std::trunc(value) != value || std::fabs(value) > limit) {
      throw DataError("[Embedding] an index must be an integer, got " + format_number(value) +
                      " at position " + std::to_string(i));
    }
    indices.data()[i] = static_cast<std::int32_t>(value);
  }
  return indices;
}

}  // namespace

Embedding::Embedding(std::size_t count, std::size_t dim, Rng& rng)
    : weight(register_parameter("weight", rng.normal(embedding_shape(count, dim)))) {}

Tensor Embedding::forward(const Tensor& x) { return embedding(to_indices(x.value()), weight); }

std::string Embedding::description() const {
  return "Embedding(" + std::to_string(weight.shape()[0]) + ", " +
         std::to_string(weight.shape()[1]) + ")";
}

}  // namespace xgrad::inline XGRAD_ABI::nn
