// SPDX-License-Identifier: MIT
#include <xgrad/datasets/standardizer.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

bool is_constant(const Array& x, std::size_t column) {
  for (std::size_t i = 1; i < x.shape(0); ++i) {
    if (x(i, column) != x(0, column)) return false;
  }
  return true;
}

}  // namespace

Standardizer::Standardizer(const Dataset& training)
    : mean_(training.features()), deviation_(training.features()) {
  const Array x = training.gather_all();
  const auto n = static_cast<double>(training.size());
  for (std::size_t j = 0; j < training.features(); ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < training.size(); ++i) sum += static_cast<double>(x(i, j));
    mean_[j] = sum / n;
    double squares = 0;
    for (std::size_t i = 0; i < training.size(); ++i) {
      const double difference = static_cast<double>(x(i, j)) - mean_[j];
      squares += difference * difference;
    }
    // Asked, not computed: the rounding of the mean would leave a deviation that is not quite 0.
    deviation_[j] = is_constant(x, j) ? 0 : std::sqrt(squares / n);
    if (std::isfinite(mean_[j]) && std::isfinite(deviation_[j])) continue;
    throw DataError("[Standardizer] column " + std::to_string(j) +
                    " must have a finite mean and deviation, got " + format_number(mean_[j]) +
                    " and " + format_number(deviation_[j]));
  }
}

Standardizer::Standardizer(std::vector<double> mean, std::vector<double> deviation)
    : mean_(std::move(mean)), deviation_(std::move(deviation)) {
  if (mean_.size() != deviation_.size()) {
    throw OptionError("[Standardizer] a mean and a deviation for each column are needed, got " +
                      std::to_string(mean_.size()) + " and " + std::to_string(deviation_.size()));
  }
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    if (!std::isfinite(mean_[j])) {
      throw OptionError("[Standardizer] mean must be finite, got " + format_number(mean_[j]));
    }
    require_non_negative("Standardizer", "deviation", deviation_[j]);
  }
}

Dataset Standardizer::operator()(const Dataset& dataset) const {
  if (dataset.features() != mean_.size()) {
    throw ShapeError("[Standardizer] made for " + std::to_string(mean_.size()) +
                     " features, the data set has " + std::to_string(dataset.features()));
  }
  Array x = dataset.gather_all();
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    for (std::size_t j = 0; j < mean_.size(); ++j) {
      const double centred = static_cast<double>(x(i, j)) - mean_[j];
      x(i, j) = deviation_[j] > 0 ? static_cast<Scalar>(centred / deviation_[j]) : Scalar{0};
    }
  }
  return Dataset(std::move(x), dataset.labels(), dataset.class_names());
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
