// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <span>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Scales every feature column to mean 0 and standard deviation 1: (x - mean) / stddev. Construct
/// it from the training rows and apply it to all rows, so that the training does not depend on the
/// test data. Computes in double; if the data set stores a Table, from its doubles.
class Standardizer {
 public:
  /// Computes the mean and the standard deviation (divided by n, not n - 1) of each column. The
  /// standard deviation of a constant column is 0. Throws DataError if one of them is not finite.
  explicit Standardizer(const Dataset& training);
  /// Uses the given numbers, one per column. Throws OptionError if the vectors differ in length, if
  /// a number is not finite, or if a standard deviation is negative.
  Standardizer(std::vector<double> mean, std::vector<double> stddev);

  /// Returns the mean of each column.
  const std::vector<double>& mean() const& { return mean_; }
  std::vector<double> mean() const&& { return mean_; }  ///< Returns a copy.
  /// Returns the standard deviation of each column; 0 for a constant column.
  const std::vector<double>& stddev() const& { return stddev_; }
  std::vector<double> stddev() const&& { return stddev_; }  ///< Returns a copy.

  /// Returns the standardised rows. A column with standard deviation 0 becomes 0. The scaling() of
  /// the result ends with this Standardizer. Throws ShapeError if the number of features differs,
  /// and DataError if a result is too large for Scalar.
  Dataset operator()(const Dataset& dataset) const;

  /// Returns standardised rows of a bare array, of shape (rows, ...) or (features) for one row.
  /// Throws like the function for data sets.
  Array operator()(const Array& x) const;
  /// Standardises one row of doubles. Throws like the function for data sets, and ShapeError if
  /// `result` has another number of elements.
  void operator()(std::span<const double> row, std::span<Scalar> result) const;

  /// Returns whether both have the same means and standard deviations.
  bool operator==(const Standardizer&) const = default;

 private:
  void scale(std::size_t row_number, std::span<const double> row, Scalar* result) const;

  std::vector<double> mean_;
  std::vector<double> stddev_;
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
