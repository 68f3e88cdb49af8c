// SPDX-License-Identifier: MIT
#pragma once

#include "compare/surface.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace compare {

/// What is learnt: a data set in three parts, or a surface to descend.
struct Task {
  std::optional<xgrad::datasets::Dataset> train{}, validation{}, test{};
  const Surface* surface = nullptr;
};

/// The names that load_task knows, for --help.
inline constexpr const char* kTaskNames =
    "digits, iris, wine, breast_cancer, mnist, fashion-mnist, csv:FILE, rosenbrock, quadratic";

/// The validation part is drawn from the training data with a seed of its own; tables are
/// standardised with what is left. `data` holds the folders mnist and fashion-mnist. Throws
/// DataError, or OptionError for an unknown name.
Task load_task(const std::string& name, const std::string& label,
               const std::filesystem::path& data);

}  // namespace compare
