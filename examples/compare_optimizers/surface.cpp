// SPDX-License-Identifier: MIT
#include "compare_optimizers/surface.hpp"

namespace compare {
namespace {

using xgrad::Tensor;

Tensor rosenbrock(const Tensor& point) {
  const Tensor x = slice(point, 0, 0, 1);
  const Tensor y = slice(point, 0, 1, 2);
  return sum(pow(1 - x, 2) + 100 * pow(y - x * x, 2));
}

Tensor quadratic(const Tensor& point) {
  const Tensor x = slice(point, 0, 0, 1);
  const Tensor y = slice(point, 0, 1, 2);
  return sum(x * x + 100 * y * y) / 2;
}

}  // namespace

const std::vector<Surface>& surfaces() {
  static const std::vector<Surface> all{
      {"rosenbrock", "(1 − x)² + 100 (y − x²)²", rosenbrock, {-1.2, 1}, {1, 1}, {-2, -1}, {2, 3}},
      {"quadratic", "(x² + 100 y²) / 2", quadratic, {-9, 1.5}, {0, 0}, {-10, -3}, {10, 3}}};
  return all;
}

const Surface* find_surface(const std::string& name) {
  for (const Surface& surface : surfaces()) {
    if (surface.name == name) return &surface;
  }
  return nullptr;
}

}  // namespace compare
