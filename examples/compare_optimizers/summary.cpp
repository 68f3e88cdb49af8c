// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary.hpp"

#include <algorithm>
#include <numeric>

namespace compare {
namespace {

constexpr double kLevel = 0.05;

/// The runs of a stage by their seeds.
using Runs = std::map<std::uint64_t, const Run*>;

Runs runs_of(const Optimizer& optimizer, const std::string& stage) {
  Runs runs;
  for (const Run& run : optimizer.runs) {
    if (run.stage == stage) runs[run.seed] = &run;
  }
  return runs;
}

std::optional<Estimate> estimate(const Runs& runs, const Metric& metric, double overlap) {
  if (runs.empty()) return std::nullopt;
  std::vector<double> values;
  for (const auto& [seed, run] : runs) {
    if (!run->diverged) values.push_back(*run->value);
  }
  TTest test;
  if (!values.empty()) test = t_test(values, overlap);
  if (metric.percent) {  // an accuracy beyond 100 % does not exist
    for (Real& end : test.interval) end = std::clamp(end.value, 0.0, 1.0);
  }
  const std::uint64_t n = values.size();
  return Estimate{test.mean, test.standard_error, test.interval, n, runs.size() - n};
}

/// Compares runs of equal seeds: a minus b. Leaves out seeds with which one of them diverged.
/// Returns nullopt if none is left.
std::optional<Versus> compare_paired(const Runs& a, const Runs& b, double overlap) {
  std::vector<double> differences;
  for (const auto& [seed, run] : a) {
    const auto other = b.find(seed);
    if (other == b.end() || run->diverged || other->second->diverged) continue;
    differences.push_back(*run->value - *other->second->value);
  }
  if (differences.empty()) return std::nullopt;
  const TTest test = t_test(differences, overlap);
  return Versus{test.mean, test.p, test.p, test.interval, test.p < kLevel};
}

Target choose_target(const Group& group) {
  std::vector<double> ends;
  for (const Optimizer& optimizer : group.optimizers) {
    std::vector<double> own;
    for (const auto& [seed, run] : runs_of(optimizer, "tuned")) {
      if (!run->diverged) own.push_back(run->curve.validation.back());
    }
    if (!own.empty()) ends.push_back(quantile(own, 0.5));
  }
  if (ends.empty()) return {};
  return {quantile(ends, group.metric.higher_is_better ? 0.25 : 0.75),
          "chosen from the data: three quarters of the optimizers end at this validation value or "
          "a better one in the median of their tuned runs"};
}

/// Sets when the run reached the target.
void find_target(const Group& group, Run& run) {
  run.steps_to_target = run.seconds_to_target = Real();
  const Curve& curve = run.curve;
  const double goal = group.metric.badness(group.target.value);
  for (std::size_t i = 0; i < curve.validation.size() && !run.diverged; ++i) {
    if (!(group.metric.badness(curve.validation[i]) <= goal)) continue;
    const double steps = curve.epoch[i] * static_cast<double>(group.steps_per_epoch);
    run.steps_to_target = std::min(steps, static_cast<double>(run.steps));
    run.seconds_to_target = curve.seconds[i];
    break;
  }
}

ToTarget to_target(const Runs& runs, Real Run::*cost) {
  if (runs.empty()) return {};
  std::uint64_t reached = 0;
  std::vector<double> costs;
  for (const auto& [seed, run] : runs) {
    const double own = run->*cost;
    reached += std::isfinite(own) ? 1 : 0;
    costs.push_back(std::isfinite(own) ? own : HUGE_VAL);
  }
  // The median is infinite, so null in JSON, if most runs did not reach the target.
  return {quantile(costs, 0.5), reached, costs.size()};
}

/// Returns whether the mean validation loss fell by more than 2 % in the last fifth of the runs.
bool is_improving(const Runs& runs) {
  double before = 0, after = 0;
  for (const auto& [seed, run] : runs) {
    const std::vector<Real>& loss = run->curve.validation_loss;
    if (run->diverged || loss.size() < 5) continue;
    before += loss[loss.size() - 1 - loss.size() / 5];
    after += loss.back();
  }
  return before - after > std::max(0.02 * before, 1e-6);
}

void fill(Optimizer& optimizer, const Group& group, double overlap) {
  const Runs tuned = runs_of(optimizer, "tuned"), defaults = runs_of(optimizer, "defaults");
  Summary& s = optimizer.summary;
  s.tuned = estimate(tuned, group.metric, overlap);
  s.defaults = estimate(defaults, group.metric, overlap);
  s.gain = compare_paired(tuned, defaults, overlap);
  s.steps_to_target = to_target(tuned, &Run::steps_to_target);
  s.seconds_to_target = to_target(tuned, &Run::seconds_to_target);
  s.still_improving = is_improving(tuned);
  s.tuned_worse_than_defaults =
      s.tuned && s.defaults &&
      group.metric.badness(s.tuned->mean) > group.metric.badness(s.defaults->mean);
  double seconds = 0, steps = 0;
  for (const auto& [seed, run] : tuned) {
    seconds += run->seconds;
    steps += static_cast<double>(run->steps);
  }
  if (steps > 0) s.seconds_per_step = seconds / steps;
}

/// Returns the number of diverged runs and the badness of the mean, which rank an optimizer. The
/// smallest pair is the best. They are infinite if no run is left.
std::pair<double, double> ranking_key(const Optimizer& optimizer, const Metric& metric) {
  const std::optional<Estimate>& own = optimizer.summary.tuned;
  if (!own || own->n == 0) return {HUGE_VAL, HUGE_VAL};
  return {static_cast<double>(own->diverged), metric.badness(own->mean)};
}

/// Compares each optimizer with the best one.
void compare_with_best(Group& group, double overlap) {
  const Runs best = runs_of(group.optimizers.front(), "tuned");
  std::vector<double> p;
  const auto others = std::span(group.optimizers).subspan(1);
  for (Optimizer& other : others) {
    auto& versus = other.summary.versus_best;
    versus = compare_paired(runs_of(other, "tuned"), best, overlap);
    p.push_back(versus && std::isfinite(versus->p) ? versus->p.value : 1);
  }
  const std::vector<double> corrected = holm_with_best(p);
  for (std::size_t i = 0; i < others.size(); ++i) {
    auto& versus = others[i].summary.versus_best;
    if (!versus) continue;
    if (std::isfinite(versus->p)) versus->p_holm = corrected[i];
    // An optimizer with diverged runs ranks lower even if its other runs are better.
    versus->significant = corrected[i] < kLevel && group.metric.badness(versus->difference) > 0;
  }
}

/// Returns how often each optimizer needs at most `ratio` times as much as the best one.
nlohmann::json profiles(const std::vector<Group>& groups, ToTarget Summary::*cost) {
  std::map<std::string, std::vector<double>> ratios;
  double largest = 1;
  for (const Group& group : groups) {
    double best = HUGE_VAL;
    for (const Optimizer& o : group.optimizers) best = std::fmin(best, (o.summary.*cost).median);
    for (const Optimizer& o : group.optimizers) {
      const double ratio = (o.summary.*cost).median / best;
      auto& own = ratios[o.name];
      if (!std::isfinite(ratio)) continue;
      own.push_back(ratio);
      largest = std::max(largest, ratio);
    }
  }
  auto result = nlohmann::json::array();
  for (auto& [name, own] : ratios) {
    own.push_back(1);
    std::sort(own.begin(), own.end());
    std::vector<double> fraction;
    for (double reached = 0; fraction.size() < own.size(); ++reached) {
      fraction.push_back(reached / static_cast<double>(groups.size()));
    }
    own.push_back(largest);
    fraction.push_back(fraction.back());
    result.push_back({{"optimizer", name}, {"ratio", own}, {"fraction", fraction}});
  }
  return result;
}

using Rank = std::pair<double, std::string>;

/// Returns the largest sets of optimizers whose ranks differ by less than the critical difference.
/// `all` is sorted.
std::vector<std::vector<std::string>> cliques(const std::vector<Rank>& all, double critical) {
  std::vector<std::vector<std::string>> result;
  std::size_t reached = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<std::string> names;
    for (std::size_t j = i; j < all.size() && all[j].first - all[i].first < critical; ++j) {
      names.push_back(all[j].second);
    }
    if (names.size() > 1 && i + names.size() > reached) result.push_back(names);
    reached = std::max(reached, i + names.size());
  }
  return result;
}

}  // namespace

void summarise(Group& group, double overlap, std::optional<double> target) {
  group.target = target ? Target{*target, "given by --target"} : choose_target(group);
  for (Optimizer& optimizer : group.optimizers) {
    for (Run& run : optimizer.runs) find_target(group, run);
    fill(optimizer, group, overlap);
  }
  const auto key = [&](const Optimizer& optimizer) { return ranking_key(optimizer, group.metric); };
  std::ranges::stable_sort(group.optimizers, {}, key);
  for (std::size_t i = 0; i < group.optimizers.size(); ++i) {
    Optimizer& optimizer = group.optimizers[i];
    if (key(optimizer).first < HUGE_VAL) optimizer.summary.rank = i + 1;
  }
  const std::uint64_t k = group.optimizers.size();
  group.comparisons = k * (k - 1) / 2;
  compare_with_best(group, overlap);
  group.conclusion = conclude(group);
}

nlohmann::json summarise_across(const std::vector<Group>& groups) {
  if (groups.size() < 2 || groups[0].optimizers.size() < 2) return nullptr;
  std::map<std::string, std::vector<double>> ranks_of;  // one for each group
  for (const Group& group : groups) {
    std::vector<double> values;
    for (const Optimizer& o : group.optimizers) {
      const auto [diverged, badness] = ranking_key(o, group.metric);
      values.push_back(diverged > 0 && std::isfinite(badness) ? 1e30 : badness);
    }
    const std::vector<double> own = ranks(values);
    for (std::size_t i = 0; i < own.size(); ++i) {
      ranks_of[group.optimizers[i].name].push_back(own[i]);
    }
  }
  std::vector<std::vector<double>> columns;
  std::vector<Rank> sorted;
  for (const auto& [name, own] : ranks_of) {
    columns.push_back(own);
    const double sum = std::accumulate(own.begin(), own.end(), 0.0);
    sorted.emplace_back(sum / static_cast<double>(groups.size()), name);
  }
  std::sort(sorted.begin(), sorted.end());
  auto average_ranks = nlohmann::json::array();
  for (const auto& [rank, name] : sorted) {
    average_ranks.push_back({{"optimizer", name}, {"rank", rank}});
  }
  const double critical = critical_difference(columns.size(), groups.size());
  return {{"average_ranks", average_ranks},
          {"critical_difference", critical},
          {"friedman_p", friedman_p(columns)},
          {"tasks", groups.size()},
          {"cliques", cliques(sorted, critical)},
          {"profiles", profiles(groups, &Summary::steps_to_target)},
          {"profiles_seconds", profiles(groups, &Summary::seconds_to_target)}};
}

}  // namespace compare
