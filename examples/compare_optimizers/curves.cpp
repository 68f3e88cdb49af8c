// SPDX-License-Identifier: MIT
#include "compare_optimizers/curves.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace compare {
namespace {

struct Point {
  double x = 0, y = 0;
};

// Combines the i-th points of all runs into the i-th point of a band. A run that is shorter than
// the others contributes only the points that it has.
Band band(const std::vector<std::vector<Point>>& runs) {
  Band result;
  for (std::size_t i = 0;; ++i) {
    BandPoint sum{0, 0, INFINITY, -INFINITY};
    double count = 0;
    for (const auto& run : runs) {
      if (i >= run.size()) continue;
      sum.x += run[i].x;
      sum.mean += run[i].y;
      sum.low = std::min(sum.low, run[i].y);
      sum.high = std::max(sum.high, run[i].y);
      ++count;
    }
    if (count == 0) return result;
    result.push_back({sum.x / count, sum.mean / count, sum.low, sum.high});
  }
}

// Averages the steps in `count` groups of consecutive steps (fewer if there are fewer steps).
std::vector<Point> grouped(const std::vector<StepPoint>& steps, std::size_t count) {
  std::vector<Point> result;
  count = std::min(count, steps.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = steps.size() * i / count, end = steps.size() * (i + 1) / count;
    Point sum;
    for (std::size_t j = begin; j < end; ++j) {
      sum.x += static_cast<double>(steps[j].step);
      sum.y += steps[j].loss;
    }
    const auto width = static_cast<double>(end - begin);
    result.push_back({sum.x / width, sum.y / width});
  }
  return result;
}

double x_of(const EpochPoint& point, Axis axis) {
  switch (axis) {
    case Axis::epoch:
      return static_cast<double>(point.epoch);
    case Axis::step:
      return static_cast<double>(point.step);
    default:
      return point.seconds;
  }
}

std::optional<double> of(const std::optional<xgrad::train::Evaluation>& evaluation, Metric metric) {
  if (!evaluation) return std::nullopt;
  return metric == Metric::accuracy ? evaluation->accuracy : evaluation->loss;
}

}  // namespace

std::optional<double> value_at(const EpochPoint& point, Metric metric, bool test) {
  auto value = of(test ? point.test : point.validation, metric);
  if (!value) value = of(test ? point.validation : point.test, metric);
  if (!value && metric == Metric::loss) value = point.train_loss;
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> last_value(const Run& run, Metric metric, bool test) {
  if (run.diverged || run.epochs.empty()) return std::nullopt;
  return value_at(run.epochs.back(), metric, test);
}

Band epoch_band(const std::vector<Run>& runs, Metric metric, Axis axis) {
  std::vector<std::vector<Point>> points;
  for (const Run& run : runs) {
    if (run.diverged) continue;
    auto& own = points.emplace_back();
    for (const EpochPoint& epoch : run.epochs) {
      if (const auto y = value_at(epoch, metric)) own.push_back({x_of(epoch, axis), *y});
    }
  }
  return band(points);
}

Band loss_band(const std::vector<Run>& runs, std::size_t count) {
  std::vector<std::vector<Point>> points;
  for (const Run& run : runs) {
    if (!run.diverged) points.push_back(grouped(run.steps, count));
  }
  return band(points);
}

std::vector<RatePoint> rate_points(const std::vector<Run>& tuning, Metric metric) {
  std::map<double, std::optional<double>> best;
  for (const Run& run : tuning) {
    const auto rate = run.settings.options.find("lr");
    if (rate == run.settings.options.end()) continue;
    auto& known = best[rate->second];
    const auto value = last_value(run, metric);
    const bool better =
        value && (!known || (metric == Metric::accuracy ? *value > *known : *value < *known));
    if (better) known = value;
  }
  std::vector<RatePoint> result;
  result.reserve(best.size());
  for (const auto& [rate, value] : best) result.push_back({rate, value});
  return result;
}

}  // namespace compare
