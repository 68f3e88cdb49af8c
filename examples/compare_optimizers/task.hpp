// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"

#include <xgrad/xgrad.hpp>

#include <filesystem>

namespace compare {

/// A function of two variables to minimise, whose paths can be drawn.
struct Surface {
  /// The value at the point (x, y), as tensors of one element.
  xgrad::Tensor (*value)(const xgrad::Tensor& x, const xgrad::Tensor& y);
  std::array<double, 2> start, minimum;  ///< the value of `minimum` is 0
  std::array<double, 2> low, high;       ///< corners of the region that charts show
};
/// Returns the surface "rosenbrock", (1 - x)^2 + 100 (y - x^2)^2, or "quadratic", (x^2 + 100 y^2) /
/// 2, or nullptr.
const Surface* find_surface(const std::string& name);
/// Returns the values of a surface for a contour chart.
nlohmann::json contours(const Surface& surface);

/// The rows of a task in three parts.
struct Parts {
  xgrad::datasets::Dataset train, validation, test;
};

/// A task: rows that are split into three parts, or a surface to descend.
class Task {
 public:
  /// Loads a task by its name in task_names(). `data` is the folder that contains the folders
  /// mnist, fashion-mnist and uci. Throws DataError if the data cannot be read, and OptionError if
  /// the name is unknown.
  Task(const std::string& name, const Table& table, const std::filesystem::path& data);

  const TaskInfo& info() const { return info_; }
  const Surface* surface() const { return surface_; }
  /// Returns (test rows) / (training rows) if each run has its own split, and else 0.
  double overlap() const;
  /// Returns the number that a run with this seed uses for its split: 0 if the split is published.
  std::uint64_t split_seed(std::uint64_t seed) const { return is_redrawn_ ? seed : 0; }
  /// Splits the rows; rows with labels class by class. A published test set stays as it is. The
  /// columns of a table, and targets, are standardised with the statistics of the training part.
  Parts split(std::uint64_t split_seed) const { return split_(split_seed); }

 private:
  TaskInfo info_{};
  const Surface* surface_ = nullptr;
  bool is_redrawn_ = false;  // whether each run has its own split
  std::function<Parts(std::uint64_t split_seed)> split_{};
};

/// Returns the names of tasks: those of the bundled tables and those of files.
std::vector<std::string> task_names();

}  // namespace compare
