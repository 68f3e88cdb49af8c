// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/run.hpp"

#include <string>
#include <vector>

namespace compare {

/// A function of two variables to minimise, whose paths can be drawn.
struct Surface {
  std::string name;
  std::string formula;
  xgrad::Tensor (*value)(const xgrad::Tensor& point);  ///< `point` has shape (2)
  PathPoint start;
  PathPoint minimum;    ///< the point at which the value is 0
  PathPoint low, high;  ///< corners of the region that charts show
};

/// Returns "rosenbrock", (1 - x)^2 + 100 (y - x^2)^2, and "quadratic", (x^2 + 100 y^2) / 2.
const std::vector<Surface>& surfaces();
/// Returns the surface with this name, or nullptr if there is none.
const Surface* find_surface(const std::string& name);

}  // namespace compare
