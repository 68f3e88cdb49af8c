// SPDX-License-Identifier: MIT
// The grids of the options, and the search among their points by the results of tuning runs.
#include "compare_optimizers/comparison.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <set>
#include <tuple>

namespace compare {
namespace {

using xgrad::OptionError;

double value_of(const std::string& text, const std::string& spec) {
  if (const auto value = parse<double>(text)) return *value;
  throw OptionError("[grid] \"" + spec +
                    "\" must be [OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT");
}

std::vector<double> parse_values(const std::string& text, const std::string& spec) {
  if (const auto parts = split(text, ':'); parts.size() == 3) {
    const double low = value_of(parts[0], spec), high = value_of(parts[1], spec);
    const double count = value_of(parts[2], spec);
    if (!(low > 0 && high >= low && count >= 1 && count <= 1000 && count == std::floor(count))) {
      throw OptionError("[grid] \"" + spec +
                        "\" must have 0 < LOW <= HIGH and a whole COUNT from 1 to 1000");
    }
    std::vector<double> values{low};
    for (int i = 1; i < static_cast<int>(count); ++i) {
      values.push_back(low * std::pow(high / low, i / (count - 1)));
    }
    return values;
  }
  std::set<double> sorted;
  for (const std::string& part : split(text, ',')) sorted.insert(value_of(part, spec));
  return {sorted.begin(), sorted.end()};
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

// Halving must take at most this part of the steps of the whole grid; the extension of the grid,
// which both search, comes on top in equal parts.
constexpr double kBudget = 0.38;
constexpr std::uint64_t kShortest = 8;  // the first round takes one eighth of the epochs

std::vector<Options> points_of(const Grid& grid) {
  std::vector<Options> points{{}};
  for (const auto& [name, values] : grid) {
    std::vector<Options> more;
    for (const Options& point : points) {
      for (const double value : values) {
        more.push_back(point);
        more.back()[name] = value;
      }
    }
    points = std::move(more);
  }
  return points;
}

/// The quality of a point so far; the smallest is the best. It contains the number of diverged
/// runs, the mean badness and the mean loss of the others, and the options, which decide between
/// equal points, so that the order of the runs does not matter.
using Score = std::tuple<double, double, double, Options>;

/// A search with the points that were tried so far.
struct Searcher {
  const Plan& plan;
  const Settings& base;
  const Metric& metric;
  const FindRun& find;
  std::deque<TuningPoint> points{};

  /// Adds points and looks up their runs. Returns whether all are there.
  bool add(const std::vector<Options>& options, bool extended) {
    std::vector<TuningPoint*> left;
    for (const Options& each : options) {
      points.push_back({each, std::vector<Real>(plan.tuning_seeds), {}, 0, extended, true, {}});
      left.push_back(&points.back());
    }
    return plan.search == "halving" ? halve(left)
                                    : run_all(left, 1, plan.tuning_seeds, base.epochs);
  }

  /// Returns the best point of which all runs are there, or nullptr if all diverged.
  const TuningPoint* best() const {
    const TuningPoint* found = nullptr;
    for (const TuningPoint& point : points) {
      const bool ended =
          std::ranges::any_of(point.values, [](double x) { return std::isfinite(x); });
      if (!point.kept || !ended) continue;
      if (found == nullptr || score(point) < score(*found)) found = &point;
    }
    return found;
  }

  /// Looks up the runs with the seeds from `first` to `last`. Returns whether all are there.
  bool run_all(const std::vector<TuningPoint*>& left, std::uint64_t first, std::uint64_t last,
               std::uint64_t epochs) {
    bool complete = true;
    Settings settings = base;
    settings.stage = "tuning";
    settings.epochs = epochs;
    for (TuningPoint* point : left) {
      settings.options = point->options;
      for (settings.seed = first; settings.seed <= last; ++settings.seed) {
        const Run* const run = find(settings);
        complete = complete && run != nullptr;
        if (run == nullptr) continue;
        point->runs.push_back(*run);
        point->steps += run->steps;
        if (epochs == base.epochs && run->value) point->values[settings.seed - 1] = *run->value;
      }
      const double sum = std::accumulate(point->values.begin(), point->values.end(), 0.0);
      point->mean = sum / static_cast<double>(plan.tuning_seeds);
    }
    return complete;
  }

  /// First tries all points with one seed for a short time, then the better ones for the whole
  /// time, then the best of those with the other seeds.
  bool halve(std::vector<TuningPoint*> left) {
    const std::uint64_t short_epochs = std::max<std::uint64_t>(1, base.epochs / kShortest);
    const auto part = static_cast<double>(short_epochs) / static_cast<double>(base.epochs);
    const auto seeds = static_cast<double>(plan.tuning_seeds);
    const auto count = static_cast<double>(left.size());
    double share = 1;  // of the points that get a whole run
    if (part < 1) {
      share = std::min(0.5, (kBudget * seeds - part) / (1 + (seeds - 1) / 2));
      if (!run_all(left, 1, 1, short_epochs)) return false;
      keep(left, share * count);
    }
    if (!run_all(left, 1, 1, base.epochs)) return false;
    keep(left, share == 1 ? (kBudget * seeds - 1) / (seeds - 1) * count : share * count / 2);
    return run_all(left, 2, plan.tuning_seeds, base.epochs);
  }

  /// Keeps at most `most` of the points, but at least the best one.
  void keep(std::vector<TuningPoint*>& left, double most) const {
    const auto count = static_cast<std::size_t>(std::max(1.0, most));
    std::ranges::sort(left, {}, [&](const TuningPoint* point) { return score(*point); });
    for (std::size_t i = count; i < left.size(); ++i) left[i]->kept = false;
    left.resize(std::min(left.size(), count));
  }

  /// Uses the longest runs only, which are the last ones.
  Score score(const TuningPoint& point) const {
    double diverged = 0, badness = 0, loss = 0, count = 0;
    for (const Run& run : point.runs) {
      if (run.epochs != point.runs.back().epochs) continue;
      diverged += run.diverged ? 1 : 0;
      if (run.diverged) continue;
      badness += metric.badness(*run.value);
      if (!run.curve.validation_loss.empty()) loss += run.curve.validation_loss.back();
      ++count;
    }
    count = std::max(1.0, count);
    return {diverged, badness / count, loss / count, point.options};
  }
};

}  // namespace

Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer) {
  Grid grid{{"lr", default_rates(task, optimizer)}};
  const Options known = default_options(optimizer);
  for (const std::string& spec : plan.grid) {
    const std::vector<std::string> sides = split(spec, '='), words = split(sides[0], '.');
    const std::vector<double> values = parse_values(sides.size() == 2 ? sides[1] : "", spec);
    const std::string& name = words.size() == 2 ? words[1] : sides[0];
    if (words.size() == 2) sample(words[0]);  // throws if the optimizer is unknown
    if (words.size() == 2 && words[0] != optimizer) continue;
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
    try {
      for (const double value : continued(values)) {
        require_accepted(optimizer, name, value);
        points.push_back(best);
        points.back()[name] = value;
      }
    } catch (const OptionError&) {
      // The optimizer rejects the values from here on.
    }
  }
  return points;
}

Optimizer search(const Plan& plan, const Settings& base, const Metric& metric,
                 const FindRun& find) {
  const Grid grid = grid_for(plan, base.task, base.optimizer);
  Searcher searcher{plan, base, metric, find};
  bool complete = searcher.add(points_of(grid), false);
  if (complete && plan.extend && searcher.best() != nullptr) {
    const Options best = searcher.best()->options;
    complete = searcher.add(beyond_edges(grid, base.optimizer, best), true);
  }
  Optimizer result{base.optimizer, {searcher.points.begin(), searcher.points.end()}, {}, {}, {}};
  const TuningPoint* const best = searcher.best();
  if (best == nullptr || !complete) return result;
  result.tuned = {best->options, code_of(base.optimizer, best->options), false};
  for (const auto& [name, values] : grid) {
    std::set<double> tried;
    for (const TuningPoint& point : result.tuning) tried.insert(point.options.at(name));
    const double own = best->options.at(name);
    const bool is_end = own == *tried.begin() || own == *tried.rbegin();
    result.tuned->at_edge = result.tuned->at_edge || (is_end && tried.size() > 1);
  }
  return result;
}

}  // namespace compare
