// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/run.hpp"

#include <string>
#include <vector>

namespace compare {

/// A function of two variables to minimise, for teaching.
struct Surface {
  std::string name;
  std::string formula;
  xgrad::Tensor (*value)(const xgrad::Tensor& point);  ///< of a tensor of shape (2)
  PathPoint start;
  PathPoint minimum;    ///< where the value is 0
  PathPoint low, high;  ///< corners of the part worth drawing
};

/// "rosenbrock", (1 - x)^2 + 100 (y - x^2)^2, and "quadratic", (x^2 + 100 y^2) / 2.
const std::vector<Surface>& surfaces();
/// The surface of that name; null for any other task.
const Surface* find_surface(const std::string& name);

}  // namespace compare
