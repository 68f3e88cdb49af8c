// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/same_encoding.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/datasets/standardizer.hpp>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

using datasets::Dataset;
using Names = std::vector<std::string>;

constexpr const char* kRemedy = "; csv reads a table like the training data with the option like";

/// Throws unless both lists of names are equal. `one` and `many` are words for what they name.
void require_same_names(const std::string& one, const std::string& many, const Names& expected,
                        const Names& found) {
  const std::string start =
      "[fit] the validation data must have the " + many + " of the training data, got ";
  if (expected.size() != found.size()) {
    throw DataError(start + std::to_string(found.size()) + " and " +
                    std::to_string(expected.size()) + " " + many + kRemedy);
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == found[i]) continue;
    throw DataError(start + '"' + found[i] + "\" and \"" + expected[i] + "\" for " + one + " " +
                    std::to_string(i) + kRemedy);
  }
}

/// Returns whether the columns have names. Those of a table without names have their places in it,
/// which may differ in another table with the same columns.
bool has_names(const Dataset& data) { return !data.feature_names().empty(); }

void require_same_outputs(const Dataset& training, const Dataset& validation) {
  const auto holds = [](const Dataset& data) {
    if (data.has_labels()) return std::string("labels");
    return "targets, " + std::to_string(data.targets().shape(1)) + " per row";
  };
  if (holds(training) != holds(validation)) {
    throw DataError("[fit] the validation data must hold " + holds(training) +
                    ", as the training data does, but it holds " + holds(validation));
  }
  require_same_names("class", "classes", training.class_names(), validation.class_names());
  if (!has_names(training) || !has_names(validation)) return;
  require_same_names("target", "targets", training.target_names(), validation.target_names());
}

/// Returns the names of the features, with the words of categories; empty if nothing is known about
/// the features.
Names names_of_features(const Dataset& data) {
  if (data.columns().empty()) return data.feature_names();
  Names names;
  for (std::size_t i = 0; i < data.columns().size(); ++i) {
    const datasets::Column& column = data.columns()[i];
    const std::string name = has_names(data) ? column.name : std::to_string(i);
    if (column.categories.empty()) names.push_back(name);
    for (const std::string& word : column.categories) names.push_back(name + "=" + word);
  }
  return names;
}

void require_same_features(const Dataset& training, const Dataset& validation) {
  if (has_names(training) != has_names(validation)) return;
  const Names expected = names_of_features(training), found = names_of_features(validation);
  if (expected.empty() || found.empty()) return;
  require_same_names("feature", "features", expected, found);
}

void require_same_scaling(const Dataset& training, const Dataset& validation) {
  if (training.scaling() == validation.scaling()) return;
  const bool only_training = validation.scaling().empty();
  if (only_training || training.scaling().empty()) {
    throw DataError(
        "[fit] both data sets must be standardised with the same mean and stddev, but only the " +
        std::string(only_training ? "training" : "validation") +
        " data has passed through a Standardizer; apply that of the training data to both data "
        "sets");
  }
  throw DataError(
      std::string("[fit] the validation data must be standardised with the mean and stddev of the "
                  "training data, but it was standardised with other numbers") +
      kRemedy);
}

}  // namespace

void require_same_encoding(const Dataset& training, const Dataset& validation) {
  require_same_outputs(training, validation);
  require_same_features(training, validation);
  require_same_scaling(training, validation);
}

}  // namespace xgrad::inline XGRAD_ABI::train
