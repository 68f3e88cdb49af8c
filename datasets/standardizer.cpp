// SPDX-License-Identifier: MIT
#include <xgrad/datasets/standardizer.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::datasets {

Standardizer::Standardizer(const Dataset& training)
    : mean_(training.features()), stddev_(training.features()) {
  const std::size_t features = training.features();
  const auto n = static_cast<double>(training.size());
  // The sums are of differences to the first row. So they stay small, and the sum of a constant
  // column is exactly 0.
  std::vector<double> first(features);
  std::vector<double> row(features);
  training.read_row(0, first);
  for (std::size_t i = 0; i < training.size(); ++i) {
    training.read_row(i, row);
    for (std::size_t j = 0; j < features; ++j) mean_[j] += row[j] - first[j];
  }
  for (std::size_t j = 0; j < features; ++j) mean_[j] = first[j] + mean_[j] / n;
  for (std::size_t i = 0; i < training.size(); ++i) {
    training.read_row(i, row);
    for (std::size_t j = 0; j < features; ++j) {
      stddev_[j] += (row[j] - mean_[j]) * (row[j] - mean_[j]);
    }
  }
  for (std::size_t j = 0; j < features; ++j) {
    stddev_[j] = std::sqrt(stddev_[j] / n);
    if (std::isfinite(mean_[j]) && std::isfinite(stddev_[j])) continue;
    throw DataError("[Standardizer] column " + std::to_string(j) +
                    " must have a finite mean and standard deviation, got " +
                    format_number(mean_[j]) + " and " + format_number(stddev_[j]));
  }
}

Standardizer::Standardizer(std::vector<double> mean, std::vector<double> stddev)
    : mean_(std::move(mean)), stddev_(std::move(stddev)) {
  if (mean_.size() != stddev_.size()) {
    throw OptionError(
        "[Standardizer] a mean and a standard deviation for each column are needed, got " +
        std::to_string(mean_.size()) + " and " + std::to_string(stddev_.size()));
  }
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    if (!std::isfinite(mean_[j])) {
      throw OptionError("[Standardizer] mean must be finite, got " + format_number(mean_[j]));
    }
    require_non_negative("Standardizer", "stddev", stddev_[j]);
  }
}

void Standardizer::scale(std::size_t row_number, std::span<const double> row,
                         Scalar* result) const {
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    const double scaled = stddev_[j] > 0 ? (row[j] - mean_[j]) / stddev_[j] : 0;
    if (std::isfinite(row[j]) && !(std::abs(scaled) <= std::numeric_limits<Scalar>::max())) {
      throw DataError("[Standardizer] row " + std::to_string(row_number) + ", column " +
                      std::to_string(j) + ": the standardised number must be finite, got " +
                      format_number(scaled) + " from " + format_number(row[j]));
    }
    result[j] = static_cast<Scalar>(scaled);
  }
}

Dataset Standardizer::operator()(const Dataset& dataset) const {
  if (dataset.features() != mean_.size()) {
    throw ShapeError("[Standardizer] the data set must have " + std::to_string(mean_.size()) +
                     " features, got " + std::to_string(dataset.features()));
  }
  Array x = empty({dataset.size(), mean_.size()});
  std::vector<double> row(mean_.size());
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    dataset.read_row(i, row);
    scale(i, row, x.data() + i * row.size());
  }
  return dataset.scaled(std::move(x), *this);
}

Array Standardizer::operator()(const Array& x) const {
  const std::size_t features = mean_.size();
  const std::size_t rows = count_rows("Standardizer", x, features);
  Array result = empty(x.shape());
  std::vector<double> row(features);
  for (std::size_t i = 0; i < rows; ++i) {
    std::copy_n(x.data() + i * features, features, row.begin());
    scale(i, row, result.data() + i * features);
  }
  return result;
}

void Standardizer::operator()(std::span<const double> row, std::span<Scalar> result) const {
  if (row.size() != mean_.size() || result.size() != mean_.size()) {
    throw ShapeError("[Standardizer] the row and the result must have " +
                     std::to_string(mean_.size()) + " elements, got " + std::to_string(row.size()) +
                     " and " + std::to_string(result.size()));
  }
  scale(0, row, result.data());
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
