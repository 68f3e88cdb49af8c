// SPDX-License-Identifier: MIT
#include "compare_optimizers/statistics.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace compare {
namespace {

constexpr std::uint64_t kSeed = 0;

void require_values(const char* where, std::size_t count) {
  if (count > 0) return;
  throw xgrad::OptionError("[" + std::string(where) + "] at least one value is needed, got none");
}

}  // namespace

double mean(std::span<const double> values) {
  require_values("mean", values.size());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double stddev(std::span<const double> values) {
  const double center = mean(values);
  if (values.size() < 2) return 0;
  double squares = 0;
  for (const double x : values) squares += (x - center) * (x - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double median(std::vector<double> values) {
  require_values("median", values.size());
  std::sort(values.begin(), values.end());
  const std::size_t upper = values.size() / 2;
  if (values.size() % 2 == 1) return values[upper];
  return (values[upper - 1] + values[upper]) / 2;
}

double quantile(std::span<const double> sorted, double p) {
  require_values("quantile", sorted.size());
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval bootstrap_mean(std::span<const double> values) {
  require_values("bootstrap_mean", values.size());
  xgrad::Rng rng(kSeed);
  std::vector<double> resample(values.size());
  std::vector<double> means(kResamples);
  for (double& m : means) {
    for (double& x : resample) x = values[rng.below(values.size())];
    m = mean(resample);
  }
  std::sort(means.begin(), means.end());
  return {mean(values), quantile(means, 0.025), quantile(means, 0.975)};
}

}  // namespace compare
