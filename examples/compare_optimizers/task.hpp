// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/surface.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace compare {

/// A task: a data set that is split into three parts, or a surface to descend.
struct Task {
  std::string data{};  ///< hash of all rows; "" for bundled data and surfaces
  std::optional<xgrad::datasets::Dataset> train{}, validation{}, test{};
  const Surface* surface = nullptr;
};

/// The names that load_task accepts, for --help.
inline constexpr const char* kTaskNames =
    "digits, iris, wine, breast_cancer, mnist, fashion-mnist, csv:FILE, rosenbrock, quadratic";

/// Returns whether the task reads files in the format of MNIST.
inline bool is_mnist(std::string_view name) { return name == "mnist" || name == "fashion-mnist"; }
/// Returns whether the task is a table, csv:FILE.
inline bool is_table(std::string_view name) { return name.starts_with("csv:"); }

/// Options of the tasks csv:FILE.
struct TableOptions {
  xgrad::datasets::CsvOptions csv{};  ///< how the file is read
  double test_fraction = 0.2;         ///< fraction of the rows of each class in the test set
};

/// Returns a name as it is stored in files: bytes that are not UTF-8 are written as \\xE9.
std::string printable(std::string_view name);

/// Loads a task. The validation set is drawn from the training data with a fixed seed. The columns
/// of a csv:FILE are standardised with the statistics of the remaining training rows; the bundled
/// tables are already standardised with their training data. `data` is the folder that contains the
/// folders mnist and fashion-mnist. Throws DataError if the data cannot be read, and OptionError if
/// the name is unknown.
Task load_task(const std::string& name, const TableOptions& table,
               const std::filesystem::path& data);

}  // namespace compare
