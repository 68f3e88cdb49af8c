// SPDX-License-Identifier: MIT
// Chooses the options of an optimizer by the validation results of tuning runs.
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/registry.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace compare {
namespace {

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
  std::vector<TuningPoint> points{};

  /// Adds points and looks up their runs. Returns whether all are there.
  bool add(const std::vector<Options>& options, bool extended) {
    const std::size_t first = points.size();
    for (const Options& each : options) {
      points.push_back({each, {}, {}, 0, extended, true, {}});
      points.back().values.resize(plan.tuning_seeds);
    }
    std::vector<TuningPoint*> left;
    for (std::size_t i = first; i < points.size(); ++i) left.push_back(&points[i]);
    return plan.search == "halving" ? halve(left) : run_all(left, 1, plan.tuning_seeds);
  }

  /// Returns the best point of which all runs are there, or nullptr if all diverged.
  const TuningPoint* best() const {
    const TuningPoint* found = nullptr;
    for (const TuningPoint& point : points) {
      const bool ended = std::any_of(point.values.begin(), point.values.end(),
                                     [](double value) { return std::isfinite(value); });
      if (!point.kept || !ended) continue;
      if (found == nullptr || score(point) < score(*found)) found = &point;
    }
    return found;
  }

  bool run_all(const std::vector<TuningPoint*>& left, std::uint64_t first, std::uint64_t last,
               std::optional<std::uint64_t> epochs = std::nullopt) {
    bool complete = true;
    for (TuningPoint* point : left) {
      for (std::uint64_t seed = first; seed <= last; ++seed) {
        Settings settings = base;
        settings.stage = "tuning";
        settings.options = point->options;
        settings.seed = seed;
        settings.epochs = epochs.value_or(base.epochs);
        const Run* const run = find(settings);
        complete = complete && run != nullptr;
        if (run != nullptr) add_run(*point, *run);
      }
    }
    return complete;
  }

  void add_run(TuningPoint& point, const Run& run) const {
    point.runs.push_back(run);
    point.steps += run.steps;
    if (run.epochs == base.epochs && run.value) point.values[run.seed - 1] = *run.value;
    const double sum = std::accumulate(point.values.begin(), point.values.end(), 0.0);
    point.mean = sum / static_cast<double>(plan.tuning_seeds);
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
    if (!run_all(left, 1, 1)) return false;
    keep(left, share == 1 ? (kBudget * seeds - 1) / (seeds - 1) * count : share * count / 2);
    return run_all(left, 2, plan.tuning_seeds);
  }

  /// Keeps at most `most` of the points, but at least the best one.
  void keep(std::vector<TuningPoint*>& left, double most) const {
    const auto count = static_cast<std::size_t>(std::max(1.0, most));
    std::sort(left.begin(), left.end(),
              [&](const auto* a, const auto* b) { return score(*a) < score(*b); });
    for (std::size_t i = count; i < left.size(); ++i) left[i]->kept = false;
    left.resize(std::min(left.size(), count));
  }

  /// Uses the longest runs only.
  Score score(const TuningPoint& point) const {
    std::uint64_t longest = 0;
    for (const Run& run : point.runs) longest = std::max(longest, run.epochs);
    double diverged = 0, badness = 0, loss = 0, count = 0;
    for (const Run& run : point.runs) {
      if (run.epochs != longest) continue;
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

Optimizer search(const Plan& plan, const Settings& base, const Metric& metric,
                 const FindRun& find) {
  const Grid grid = grid_for(plan, base.task, base.optimizer);
  Searcher searcher{plan, base, metric, find};
  bool complete = searcher.add(points_of(grid), false);
  if (complete && plan.extend && searcher.best() != nullptr) {
    const Options best = searcher.best()->options;
    complete = searcher.add(beyond_edges(grid, base.optimizer, best), true);
  }
  Optimizer result{base.optimizer, searcher.points, {}, {}, {}};
  const TuningPoint* const best = searcher.best();
  if (best == nullptr || !complete) return result;
  result.tuned = {best->options, code_of(base.optimizer, best->options), false};
  for (const auto& [name, values] : grid) {
    double low = values.front(), high = values.back();
    for (const TuningPoint& point : result.tuning) {
      low = std::min(low, point.options.at(name));
      high = std::max(high, point.options.at(name));
    }
    const double own = best->options.at(name);
    result.tuned->at_edge = result.tuned->at_edge || (low < high && (own == low || own == high));
  }
  return result;
}

}  // namespace compare
