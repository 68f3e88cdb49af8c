// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary.hpp"

#include <xgrad/core/error.hpp>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>

#include <algorithm>
#include <numeric>

namespace compare {
namespace {

void require_values(const char* where, std::size_t count) {
  if (count > 0) return;
  throw xgrad::OptionError("[" + std::string(where) + "] at least one value is needed, got none");
}

}  // namespace

double quantile(std::vector<double> values, double p) {
  require_values("quantile", values.size());
  std::sort(values.begin(), values.end());
  const double place = p * static_cast<double>(values.size() - 1), part = place - std::floor(place);
  const auto below = static_cast<std::size_t>(place);
  // A value may be infinite, which must not be multiplied by 0.
  return part == 0 ? values[below] : (1 - part) * values[below] + part * values[below + 1];
}

TTest t_test(std::span<const double> values, double overlap) {
  namespace statistics = boost::math::statistics;
  const std::size_t n = values.size();
  require_values("t_test", n);
  const double center = statistics::mean(values.begin(), values.end());
  const double spread =
      n < 2 ? 0 : std::sqrt(statistics::sample_variance(values.begin(), values.end()));
  // A spread that is only rounding counts as none.
  const bool is_equal = spread <= 1e-12 * std::abs(center);
  if (n < 2 || (is_equal && center != 0)) return {.mean = center};
  if (spread == 0) return {0, 0, {0, 0}, 1};
  const boost::math::students_t distribution(static_cast<double>(n - 1));
  const double error = spread * std::sqrt(1 / static_cast<double>(n) + overlap);
  const double half = quantile(distribution, 0.975) * error;
  const double p = 2 * cdf(complement(distribution, std::abs(center) / error));
  return {center, error, {center - half, center + half}, p};
}

std::vector<double> holm_with_best(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  const auto k = static_cast<double>(p.size() + 1);
  std::vector<double> corrected(p.size());
  double last = 0, left = k - 1;
  for (const std::size_t i : order) {
    corrected[i] = last = std::max(last, std::min(1.0, p[i] * left * k / 2));
    --left;
  }
  return corrected;
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<double> result;
  for (const double value : values) {
    const auto less = std::ranges::count_if(values, [&](double x) { return x < value; });
    const auto equal = std::ranges::count(values, value);
    result.push_back(static_cast<double>(2 * less + equal + 1) / 2);
  }
  return result;
}

double friedman_p(const std::vector<std::vector<double>>& columns) {
  require_values("friedman_p", columns.size());
  const auto n = static_cast<double>(columns[0].size()), k = static_cast<double>(columns.size());
  double between = 0, total = 0;  // sums of squares; with equal ranks, `total` is smaller
  for (const std::vector<double>& column : columns) {
    for (const double rank : column) total += std::pow(rank - (k + 1) / 2, 2);
    const double sum = std::accumulate(column.begin(), column.end(), 0.0);
    between += std::pow(sum / n - (k + 1) / 2, 2);
  }
  if (total == 0) return 1;
  const double statistic = n * n * (k - 1) * between / total;
  return cdf(complement(boost::math::chi_squared(k - 1), statistic));
}

double critical_difference(std::size_t k, std::size_t n) {
  // The 95 % points of the studentized range for infinitely many degrees of freedom, divided by the
  // square root of 2.
  constexpr std::array q{1.9600, 2.3437, 2.5690, 2.7278, 2.8497, 2.9483, 3.0309,
                         3.1017, 3.1637, 3.2187, 3.2680, 3.3127, 3.3536, 3.3912,
                         3.4260, 3.4584, 3.4887, 3.5171, 3.5438};
  if (k < 2 || k - 2 >= q.size()) {
    throw xgrad::OptionError("[critical_difference] k must be from 2 to 20, got " +
                             std::to_string(k));
  }
  const auto count = static_cast<double>(k);
  return q[k - 2] * std::sqrt(count * (count + 1) / (6 * static_cast<double>(n)));
}

}  // namespace compare
