// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Brings every feature to a common scale: (x - mean) / stddev, column by column. Made from the
/// training rows and applied to all others, so that nothing of a test set leaks into training.
/// Computes in double, from the doubles of a Table where the data set holds one.
class Standardizer {
 public:
  /// Mean and standard deviation (over n, not n - 1) of each column. A constant column has stddev
  /// 0 and becomes 0. Throws DataError where a column has no finite mean or standard deviation.
  explicit Standardizer(const Dataset& training);
  /// Known numbers, one per column. Throws OptionError unless there are equally many, all finite
  /// and no standard deviation negative.
  Standardizer(std::vector<double> mean, std::vector<double> stddev);

  /// One number per column.
  const std::vector<double>& mean() const& { return mean_; }
  std::vector<double> mean() const&& { return mean_; }  ///< Returns a copy.
  /// Likewise; 0 for a constant column.
  const std::vector<double>& stddev() const& { return stddev_; }
  std::vector<double> stddev() const&& { return stddev_; }  ///< Returns a copy.

  /// Returns the same rows, standardised; their scaling() ends with this. Throws ShapeError for
  /// another number of features, DataError if Scalar cannot hold a result.
  Dataset operator()(const Dataset& dataset) const;

  /// Returns whether both have the same numbers.
  bool operator==(const Standardizer&) const = default;

 private:
  std::vector<double> mean_;
  std::vector<double> stddev_;
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
