// SPDX-License-Identifier: MIT
#include "compare_optimizers/task.hpp"

#include <cmath>

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

const Surface* find_surface(std::string_view name) {
  static const std::array all{
      Surface{"rosenbrock", rosenbrock, {-1.2, 1}, {1, 1}, {-2, -1}, {2, 3}},
      Surface{"quadratic", quadratic, {-9, 1.5}, {0, 0}, {-10, -3}, {10, 3}}};
  for (const Surface& surface : all) {
    if (surface.name == name) return &surface;
  }
  return nullptr;
}

nlohmann::json contours(const Surface& surface) {
  constexpr int cells = 60;
  const xgrad::NoGradGuard guard;
  const auto at = [&](std::size_t axis, int i) {
    const double width = surface.high[axis] - surface.low[axis];
    return static_cast<xgrad::Scalar>(surface.low[axis] + width * i / cells);
  };
  std::vector<std::vector<double>> z;
  for (int i = 0; i <= cells; ++i) {
    z.emplace_back();
    for (int j = 0; j <= cells; ++j) {
      const auto value = surface.value(Tensor{at(0, j), at(1, i)}).item();
      z.back().push_back(std::round(1e3 * std::log10(value + 1e-3)) / 1e3);
    }
  }
  return {{"x_range", {surface.low[0], surface.high[0]}},
          {"y_range", {surface.low[1], surface.high[1]}},
          {"minimum", surface.minimum},
          {"z", z}};
}

}  // namespace compare
