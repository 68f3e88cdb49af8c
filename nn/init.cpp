// SPDX-License-Identifier: MIT
#include <xgrad/nn/init.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI::nn::init {
namespace {

void require_matrix(const char* where, const Shape& shape) {
  if (shape.size() == 2 && shape[0] + shape[1] > 0) return;
  throw ShapeError("[" + std::string(where) + "] the shape must be (out, in), got " +
                   to_string(shape));
}

}  // namespace

Array kaiming_uniform(const Shape& shape, std::size_t fan_in, Rng& rng) {
  const double limit = 1 / std::sqrt(static_cast<double>(fan_in));
  return rng.uniform(shape, -limit, limit);
}

Array xavier_uniform(const Shape& shape, Rng& rng) {
  require_matrix("xavier_uniform", shape);
  const double limit = std::sqrt(6 / static_cast<double>(shape[0] + shape[1]));
  return rng.uniform(shape, -limit, limit);
}

Array kaiming_normal(const Shape& shape, Rng& rng) {
  require_matrix("kaiming_normal", shape);
  return rng.normal(shape, 0, std::sqrt(2 / static_cast<double>(shape[1])));
}

}  // namespace xgrad::inline XGRAD_ABI::nn::init
