// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

namespace compare {

/// A mean with an interval around it.
struct Interval {
  double mean = 0, low = 0, high = 0;
  /// Returns whether the interval contains x. An end that misses x only by rounding counts as
  /// containing it.
  bool contains(double x) const {
    const double rounding = 1e-9 * (high - low);
    return low - rounding <= x && x <= high + rounding;
  }
};

/// Returns the mean. Every function of this header throws xgrad::OptionError if there are no
/// values.
double mean(std::span<const double> values);
/// Returns the sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)), or 0 for a single
/// value.
double stddev(std::span<const double> values);
/// Returns the median: the middle value, or the mean of the two middle values. Values may be
/// infinite.
double median(std::vector<double> values);
/// Returns the p-quantile of sorted values, with linear interpolation between neighbours (NumPy's
/// default, type 7 of Hyndman and Fan 1996).
double quantile(std::span<const double> sorted, double p);

/// The number of resamples that bootstrap_mean draws.
inline constexpr int kResamples = 10'000;

/// Returns the mean and its 95 % percentile bootstrap interval (Efron 1979): the values are
/// resampled with replacement kResamples times, and the interval reaches from the 2.5th to
/// the 97.5th percentile of the means. The seed is fixed, so equal values give equal intervals.
/// With few values the interval is too narrow: with five normally distributed values it contains
/// the true mean in 84 % of cases.
Interval bootstrap_mean(std::span<const double> values);

}  // namespace compare
