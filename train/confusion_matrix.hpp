// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>
#include <xgrad/datasets/transform.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Counts the rows of a data set by their label and by the class that a model predicts. The
/// functions below throw OptionError if the class does not exist.
struct ConfusionMatrix {
  std::vector<std::string> class_names;          ///< names of the classes
  std::vector<std::vector<std::size_t>> counts;  ///< counts[label][predicted]: number of rows

  /// Returns the fraction of rows whose label is predicted.
  double accuracy() const;
  /// Returns the fraction of correct rows among those that are predicted as class c; 0 if there
  /// are none.
  double precision(std::size_t c) const;
  /// Returns the fraction of correct rows among those with the label c; 0 if there are none.
  double recall(std::size_t c) const;
  /// Returns 2 precision recall / (precision + recall); 0 if both are 0.
  double f1(std::size_t c) const;
};

/// Counts the predictions of a model, which are the classes of the largest outputs. Runs like
/// predict(), with the same `transform`. Throws DataError unless the model has one output for each
/// class.
ConfusionMatrix confusion_matrix(nn::Module& model, const datasets::Dataset& data,
                                 const datasets::Transform& transform = {});

/// Prints a table with one line for each label: the counts of the predicted classes, then the
/// precision, the recall and the F1 score.
std::ostream& operator<<(std::ostream& out, const ConfusionMatrix& matrix);

}  // namespace xgrad::inline XGRAD_ABI::train
