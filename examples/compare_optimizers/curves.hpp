// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace compare {

/// One point of a band: the mean, the minimum and the maximum over several seeds.
struct BandPoint {
  double x = 0, mean = 0, low = 0, high = 0;
};
using Band = std::vector<BandPoint>;

/// The quantity on the horizontal axis.
enum class Axis { epoch, step, second };

/// Returns the metric at the end of an epoch. It is taken from the test set if `test` is true and
/// from the validation set otherwise, or from the other of the two if that one was not evaluated.
/// If neither was, a loss is the training loss. Returns nullopt if there is no finite value.
std::optional<double> value_at(const EpochPoint& point, Metric metric, bool test = false);
/// Returns the metric at the end of the run's last epoch, or nullopt if the run diverged.
std::optional<double> last_value(const Run& run, Metric metric, bool test = false);

/// Returns the band of the metric over the epochs. It leaves out the runs that diverged.
Band epoch_band(const std::vector<Run>& runs, Metric metric, Axis axis);
/// Returns the band of the training loss over the steps, with at most `count` points. Each point is
/// a mean over consecutive steps. It leaves out the runs that diverged.
Band loss_band(const std::vector<Run>& runs, std::size_t count);

/// The best final value that an optimizer reached in tuning with one learning rate.
struct RatePoint {
  double rate = 0;
  std::optional<double> value{};  ///< nullopt if every run with this learning rate diverged
};
/// Returns one point for each learning rate of the tuning runs, in increasing order.
std::vector<RatePoint> rate_points(const std::vector<Run>& tuning, Metric metric);

}  // namespace compare
