// SPDX-License-Identifier: MIT
#include "compare_optimizers/plan.hpp"

#include "compare_optimizers/surface.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

namespace compare {
namespace {

using xgrad::OptionError;
using xgrad::optim::OptionMap;

std::vector<std::string> split(const std::string& text, char delimiter) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, delimiter);) parts.push_back(part);
  return parts;
}

double parse(const std::string& text, const std::string& spec) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && last == end) return value;
  throw OptionError("[grid] \"" + spec +
                    "\" must be [OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT");
}

std::vector<double> log_grid(double low, double high, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(low * std::pow(high / low, count == 1 ? 0 : i / double(count - 1)));
  }
  return values;
}

std::vector<double> parse_values(const std::string& text, const std::string& spec) {
  if (const auto parts = split(text, ':'); parts.size() == 3) {
    const double low = parse(parts[0], spec), high = parse(parts[1], spec);
    const double count = parse(parts[2], spec);
    if (low > 0 && high >= low && count >= 1 && count <= 1000 && count == std::floor(count)) {
      return log_grid(low, high, static_cast<int>(count));
    }
    throw OptionError("[grid] \"" + spec +
                      "\" must have 0 < LOW <= HIGH and a whole COUNT from 1 to 1000");
  }
  std::vector<double> values;
  // The added comma makes an empty last value an error.
  for (const std::string& part : split(text + ",", ',')) {
    const double value = parse(part, spec);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
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
  const xgrad::optim::RuleInfo info = xgrad::optim::default_rule(optimizer)->info();
  const int low = static_cast<int>(std::lround(std::log10(info.lowest_lr)));
  const int high = static_cast<int>(std::lround(std::log10(info.highest_lr)));
  if (find_surface(task) == nullptr) return decades(low, high);
  // The surfaces are much steeper than the loss of a network, and their minimum is farther away.
  const bool follows_steepness =
      optimizer == "sgd" || optimizer == "momentum" || optimizer == "nag";
  return follows_steepness ? decades(-5, -2) : decades(std::max(low, -3), std::max(high, 0));
}

RunSettings base(const Plan& plan, const std::string& task, std::size_t batch) {
  RunSettings s;
  s.task = task;
  s.batch_size = batch;
  s.budget = plan.budget;
  const bool images = is_mnist(task);
  if (find_surface(task) == nullptr) {
    s.hidden = plan.hidden.empty() ? std::vector<std::size_t>{images ? 128u : 64u} : plan.hidden;
  }
  if (is_table(task)) {
    s.label = printable(plan.table.csv.label);
    s.test_fraction = plan.table.test_fraction;
  }
  const Budget& b = plan.budget;
  if (!b.epochs && !b.steps && !b.seconds) {
    s.budget.epochs = find_surface(task) != nullptr ? 500 : images ? 5 : 30;
  }
  return s;
}

}  // namespace

Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer) {
  Grid grid{{"lr", default_rates(task, optimizer)}};
  const OptionMap known = xgrad::optim::default_options(optimizer);
  for (const std::string& spec : plan.grid) {
    const std::size_t equals = spec.find('=');
    std::string name = spec.substr(0, equals);
    const std::vector<double> values =
        parse_values(equals == std::string::npos ? "" : spec.substr(equals + 1), spec);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      xgrad::optim::default_options(name.substr(0, dot));  // throws if the optimizer is unknown
      if (name.substr(0, dot) != optimizer) continue;
      name = name.substr(dot + 1);
    }
    if (!known.contains(name)) {
      throw OptionError("[grid] " + optimizer + " has no option \"" + name + "\"");
    }
    const xgrad::Tensor any(xgrad::Array{0}, true);
    for (const double value : values) {
      // The axis of learning rates is logarithmic, so 0 has no place on it.
      const auto as_scalar = static_cast<xgrad::Scalar>(value);
      if (name == "lr" && !(as_scalar > 0 && std::isfinite(as_scalar))) {
        throw OptionError("[" + optimizer + "] lr must be a positive finite number, got " +
                          xgrad::format_number(value));
      }
      xgrad::optim::make(optimizer, {any}, {{name, value}});
    }
    grid[name] = values;
  }
  return grid;
}

std::vector<RunSettings> tuning_stage(const Plan& plan, const std::string& task,
                                      std::size_t batch) {
  std::vector<RunSettings> runs;
  for (const std::string& optimizer : plan.optimizers) {
    std::vector<OptionMap> points{{}};
    for (const auto& [name, values] : grid_for(plan, task, optimizer)) {
      std::vector<OptionMap> more;
      for (const OptionMap& point : points) {
        for (const double value : values) {
          more.push_back(point);
          more.back()[name] = value;
        }
      }
      points = std::move(more);
    }
    RunSettings s = base(plan, task, batch);
    s.optimizer = optimizer;
    for (const OptionMap& point : points) {
      s.options = point;
      runs.push_back(s);
    }
  }
  return runs;
}

std::vector<RunSettings> final_stage(const Plan& plan, const std::string& task, std::size_t batch,
                                     const std::map<std::string, OptionMap>& winners) {
  std::vector<RunSettings> runs;
  const auto add = [&](Stage stage, const std::string& optimizer, const OptionMap& options) {
    RunSettings s = base(plan, task, batch);
    s.stage = stage;
    s.optimizer = optimizer;
    s.options = options;
    for (s.seed = 1; s.seed <= plan.seeds; ++s.seed) runs.push_back(s);
  };
  for (const std::string& optimizer : plan.optimizers) {
    const auto best = winners.find(optimizer);
    if (best != winners.end()) add(Stage::final, optimizer, best->second);
    add(Stage::defaults, optimizer, {{"lr", xgrad::optim::default_options(optimizer).at("lr")}});
  }
  return runs;
}

}  // namespace compare
