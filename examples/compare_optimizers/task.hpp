// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/surface.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace compare {

/// What is learnt: a data set in three parts, or a surface to descend.
struct Task {
  std::string data{};  ///< of a task from files: a hash of all rows
  std::optional<xgrad::datasets::Dataset> train{}, validation{}, test{};
  const Surface* surface = nullptr;
};

/// The names that load_task knows, for --help.
inline constexpr const char* kTaskNames =
    "digits, iris, wine, breast_cancer, mnist, fashion-mnist, csv:FILE, rosenbrock, quadratic";

/// Whether a task of this name reads mnist's kind of files.
inline bool is_mnist(std::string_view name) { return name == "mnist" || name == "fashion-mnist"; }
/// Whether it is csv:FILE.
inline bool is_table(std::string_view name) { return name.starts_with("csv:"); }

/// How a csv:FILE is read and split.
struct TableOptions {
  xgrad::datasets::CsvOptions csv{};  ///< how it is read
  double test_fraction = 0.2;         ///< the share of each class that is the test part
};

/// Returns a name as it is stored in files: bytes that are not UTF-8 are written as \\xE9.
std::string printable(std::string_view name);

/// The validation part is drawn from the training data with a seed of its own; the columns of a
/// csv:FILE are standardised with what is left, those of the bundled tables come standardised with
/// their training data. `data` holds the folders mnist and fashion-mnist. Throws DataError, or
/// OptionError for an unknown name.
Task load_task(const std::string& name, const TableOptions& table,
               const std::filesystem::path& data);

}  // namespace compare
