// SPDX-License-Identifier: MIT
#include <xgrad/train/confusion_matrix.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/train/predict.hpp>

#include <algorithm>
#include <cstdio>
#include <ostream>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// The numbers of rows that decide whether class c is predicted well.
struct ClassCounts {
  std::size_t correct = 0;    ///< number of rows of class c that are predicted as c
  std::size_t labels = 0;     ///< number of rows of class c
  std::size_t predicted = 0;  ///< number of rows that are predicted as c
};

ClassCounts counts_of(const ConfusionMatrix& matrix, std::size_t c) {
  const std::size_t classes = matrix.counts.size();
  if (c >= classes) {
    throw OptionError("[ConfusionMatrix] the class must be below the number of classes, " +
                      std::to_string(classes) + ", got " + std::to_string(c));
  }
  ClassCounts result{.correct = matrix.counts[c][c]};
  for (std::size_t other = 0; other < classes; ++other) {
    result.labels += matrix.counts[c][other];
    result.predicted += matrix.counts[other][c];
  }
  return result;
}

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Returns the text with spaces in front, so that it has `width` bytes.
std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string in_column(double fraction) {
  char text[32];
  std::snprintf(text, sizeof text, "%11.4f", fraction);
  return text;
}

}  // namespace

double ConfusionMatrix::accuracy() const {
  std::size_t correct = 0, rows = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const ClassCounts of_class = counts_of(*this, c);
    correct += of_class.correct;
    rows += of_class.labels;
  }
  return ratio(correct, rows);
}

double ConfusionMatrix::precision(std::size_t c) const {
  const ClassCounts n = counts_of(*this, c);
  return ratio(n.correct, n.predicted);
}

double ConfusionMatrix::recall(std::size_t c) const {
  const ClassCounts n = counts_of(*this, c);
  return ratio(n.correct, n.labels);
}

double ConfusionMatrix::f1(std::size_t c) const {
  const ClassCounts n = counts_of(*this, c);
  return ratio(2 * n.correct, n.labels + n.predicted);
}

ConfusionMatrix confusion_matrix(nn::Module& model, const datasets::Dataset& data,
                                 const datasets::Transform& transform) {
  const Labels& labels = data.labels();
  const std::size_t classes = data.classes();
  const Tensor outputs = predict(model, data, transform);
  if (outputs.ndim() != 2 || outputs.shape()[1] != classes) {
    throw DataError("[confusion_matrix] the model must have one output for each of the " +
                    std::to_string(classes) + " classes, got outputs of shape " +
                    to_string(outputs.shape()));
  }
  const Indices predicted = argmax(outputs, 1);
  ConfusionMatrix result{data.class_names(), {classes, std::vector<std::size_t>(classes)}};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels.data()[i]);
    ++result.counts[label][static_cast<std::size_t>(predicted.data()[i])];
  }
  return result;
}

std::ostream& operator<<(std::ostream& out, const ConfusionMatrix& matrix) {
  std::size_t width = 5;
  for (const std::string& name : matrix.class_names) width = std::max(width, name.size());
  out << padded("", width);
  for (const std::string& name : matrix.class_names) out << "  " << padded(name, width);
  out << "  precision     recall         f1\n";
  for (std::size_t c = 0; c < matrix.counts.size(); ++c) {
    out << padded(matrix.class_names[c], width);
    for (const std::size_t n : matrix.counts[c]) out << "  " << padded(std::to_string(n), width);
    out << in_column(matrix.precision(c)) << in_column(matrix.recall(c)) << in_column(matrix.f1(c))
        << '\n';
  }
  return out;
}

}  // namespace xgrad::inline XGRAD_ABI::train
