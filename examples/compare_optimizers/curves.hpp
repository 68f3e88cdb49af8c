// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace compare {

/// What several seeds say at one place: their mean and their extremes.
struct BandPoint {
  double x = 0, mean = 0, low = 0, high = 0;
};
using Band = std::vector<BandPoint>;

/// What a point stands at on the horizontal axis.
enum class Axis { epoch, step, second };

/// The figure of an epoch's end: of the test set, else of the validation set (`test` false: the
/// other way round); a loss is the training loss where there is neither. Nothing where there is
/// none or it is not finite.
std::optional<double> figure(const EpochPoint& point, Metric metric, bool test = false);
/// That of the run's last epoch; nothing where the run diverged.
std::optional<double> last_figure(const Run& run, Metric metric, bool test = false);

/// The runs that did not diverge, epoch by epoch.
Band epoch_band(const std::vector<Run>& runs, Metric metric, Axis axis);
/// Their training losses, each the mean over a stretch of steps, `count` of them at most.
Band loss_band(const std::vector<Run>& runs, std::size_t count);

/// The best last figure that an optimizer reached in tuning at a learning rate.
struct RatePoint {
  double rate = 0;
  std::optional<double> figure{};  ///< none: every run with it diverged
};
std::vector<RatePoint> rate_points(const std::vector<Run>& tuning, Metric metric);

}  // namespace compare
