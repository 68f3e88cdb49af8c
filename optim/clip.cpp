// SPDX-License-Identifier: MIT
#include <xgrad/optim/clip.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

/// Returns the tensors that have a gradient, without duplicates.
std::vector<Tensor> with_gradient(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> result;
  for (const Tensor& p : parameters) {
    const auto same = [&](const Tensor& other) { return p.is_same(other); };
    if (p.has_grad() && std::none_of(result.begin(), result.end(), same)) result.push_back(p);
  }
  return result;
}

/// A number that may be outside the range of double: mantissa * 2^exponent.
struct Norm {
  double mantissa;
  int exponent = 0;
  double value() const { return std::scalbn(mantissa, exponent); }
};

/// Computes the norm of gradients whose squares are outside the range of double. Divides them by a
/// power of two such that the largest absolute value is in [1, 2).
Norm scaled_norm(const std::vector<Tensor>& tensors) {
  double largest = 0;
  for (const Tensor& t : tensors) {
    for (const Scalar g : t.grad()) {
      const double magnitude = std::abs(static_cast<double>(g));
      if (!std::isfinite(magnitude)) return {magnitude};
      largest = std::max(largest, magnitude);
    }
  }
  if (largest == 0) return {0};
  const int exponent = std::ilogb(largest);
  double squares = 0;
  for (const Tensor& t : tensors) {
    for (const Scalar g : t.grad()) {
      const double x = std::scalbn(static_cast<double>(g), -exponent);
      squares += x * x;
    }
  }
  return {std::sqrt(squares), exponent};
}

/// Computes the joint Euclidean norm of the gradients.
Norm norm_of(const std::vector<Tensor>& tensors) {
  double squares = 0;
  for (const Tensor& t : tensors) {
    squares += kernels().dot(t.grad().data(), t.grad().data(), t.size());
  }
  // Below this limit, squares may have lost digits by underflow or have become 0.
  constexpr double least = 0x1p-900;
  if (std::isnan(squares) || (squares >= least && std::isfinite(squares))) {
    return {std::sqrt(squares)};
  }
  return scaled_norm(tensors);
}

/// Scales gradients of norm `from` to norm `to`.
void scale_gradients(const std::vector<Tensor>& tensors, Norm from, double to) {
  const auto factor = static_cast<Scalar>(to / from.value());
  const bool is_exact = from.exponent == 0 && factor >= std::numeric_limits<Scalar>::min();
  for (const Tensor& t : tensors) {
    Scalar* const g = mutable_grad(t).data();
    if (is_exact) {
      kernels().mul(g, 1, &factor, 0, g, t.size());
      continue;
    }
    std::transform(g, g + t.size(), g, [&](Scalar x) {
      const double share = std::scalbn(static_cast<double>(x), -from.exponent) / from.mantissa;
      return static_cast<Scalar>(share * to);
    });
  }
}

}  // namespace

double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm) {
  require_positive("clip_grad_norm", "max_norm", max_norm);
  const std::vector<Tensor> tensors = with_gradient(parameters);
  const Norm norm = norm_of(tensors);
  if (!std::isfinite(norm.mantissa) || !(norm.value() > max_norm)) return norm.value();
  scale_gradients(tensors, norm, max_norm);
  return norm.value();
}

void clip_grad_value(const std::vector<Tensor>& parameters, double limit) {
  require_positive("clip_grad_value", "limit", limit);
  const auto most = static_cast<Scalar>(limit), least = -most;
  for (const Tensor& t : with_gradient(parameters)) {
    Scalar* const g = mutable_grad(t).data();
    kernels().minimum(g, 1, &most, 0, g, t.size());
    kernels().maximum(g, 1, &least, 0, g, t.size());
  }
}

}  // namespace xgrad::inline XGRAD_ABI::optim
