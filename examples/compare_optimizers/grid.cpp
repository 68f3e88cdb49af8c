// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/registry.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cmath>

namespace compare {
namespace {

using xgrad::OptionError;

double value_of(const std::string& text, const std::string& spec) {
  if (const auto value = parse<double>(text)) return *value;
  throw OptionError("[grid] \"" + spec +
                    "\" must be [OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT");
}

std::vector<double> parse_values(const std::string& text, const std::string& spec) {
  std::vector<double> values;
  if (const auto parts = split(text, ':'); parts.size() == 3) {
    const double low = value_of(parts[0], spec), high = value_of(parts[1], spec);
    const double count = value_of(parts[2], spec);
    if (!(low > 0 && high >= low && count >= 1 && count <= 1000 && count == std::floor(count))) {
      throw OptionError("[grid] \"" + spec +
                        "\" must have 0 < LOW <= HIGH and a whole COUNT from 1 to 1000");
    }
    const auto last = static_cast<int>(count) - 1;
    for (int i = 0; i <= last; ++i) {
      values.push_back(low * std::pow(high / low, last == 0 ? 0.0 : double(i) / last));
    }
    return values;
  }
  for (const std::string& part : split(text, ',')) values.push_back(value_of(part, spec));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// Returns the values 1, 2, 5, 10, 20, ... times 10^low, up to 10^high.
std::vector<double> decades(int low, int high) {
  std::vector<double> values;
  for (int i = 0; i <= 3 * (high - low); ++i) {
    const double first = std::array{1, 2, 5}[static_cast<std::size_t>(i % 3)];
    const int power = low + i / 3;  // dividing by a power of 10 gives the double 0.002
    values.push_back(power < 0 ? first / std::pow(10, -power) : first * std::pow(10, power));
  }
  return values;
}

std::vector<double> default_rates(const std::string& task, const std::string& optimizer) {
  const auto rule = sample(optimizer);
  const xgrad::optim::RuleInfo& info = rule->rule().info();
  const int low = static_cast<int>(std::lround(std::log10(info.lowest_lr)));
  const int high = static_cast<int>(std::lround(std::log10(info.highest_lr)));
  if (find_surface(task) == nullptr) return decades(low, high);
  // The surfaces are much steeper than the loss of a network, and their minimum is farther away.
  const bool follows_steepness =
      optimizer == "sgd" || optimizer == "momentum" || optimizer == "nag";
  return follows_steepness ? decades(-5, -2) : decades(std::max(low, -3), std::max(high, 0));
}

/// Throws OptionError if the optimizer rejects the value.
void require_accepted(const std::string& optimizer, const std::string& option, double value) {
  const auto as_scalar = static_cast<xgrad::Scalar>(value);
  // The axis of learning rates is logarithmic, so 0 has no place on it.
  if (option == "lr" && !(as_scalar > 0 && std::isfinite(as_scalar))) {
    throw OptionError("[" + optimizer + "] lr must be a positive finite number, got " +
                      xgrad::format_number(value));
  }
  sample(optimizer, {{option, value}});
}

/// Returns the three values that continue `values` upwards, or downwards if `values` decreases.
std::vector<double> continued(const std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<double> result;
  for (std::size_t i = 0; i < 3; ++i) {
    // Three steps are a factor of 10 in 1, 2, 5, 10; with fewer values, the last step is repeated.
    result.push_back(n < 4 ? values[n - 1] * std::pow(values[n - 1] / values[n - 2], double(i + 1))
                           : values[n - 3 + i] * (values[n - 1] / values[n - 4]));
  }
  return result;
}

}  // namespace

Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer) {
  Grid grid{{"lr", default_rates(task, optimizer)}};
  const Options known = default_options(optimizer);
  for (const std::string& spec : plan.grid) {
    const std::size_t equals = spec.find('=');
    std::string name = spec.substr(0, equals);
    const std::vector<double> values =
        parse_values(equals == std::string::npos ? "" : spec.substr(equals + 1), spec);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      sample(name.substr(0, dot));  // throws if the optimizer is unknown
      if (name.substr(0, dot) != optimizer) continue;
      name = name.substr(dot + 1);
    }
    if (!known.contains(name)) {
      throw OptionError("[grid] " + optimizer + " has no option \"" + name + "\"");
    }
    for (const double value : values) require_accepted(optimizer, name, value);
    grid[name] = values;
  }
  return grid;
}

std::vector<Options> beyond_edges(const Grid& grid, const std::string& optimizer,
                                  const Options& best) {
  std::vector<Options> points;
  for (auto [name, values] : grid) {
    if (values.size() < 2 || values.front() <= 0) continue;
    if (best.at(name) == values.front()) std::reverse(values.begin(), values.end());
    if (best.at(name) != values.back()) continue;
    for (const double value : continued(values)) {
      try {
        require_accepted(optimizer, name, value);
      } catch (const OptionError&) {
        break;
      }
      points.push_back(best);
      points.back()[name] = value;
    }
  }
  return points;
}

}  // namespace compare
