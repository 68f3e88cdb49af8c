// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace compare {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

using Options = std::map<std::string, double>;

double metric_of(const xgrad::train::Evaluation& evaluation, Metric metric) {
  return metric == Metric::accuracy ? evaluation.accuracy : evaluation.loss;
}

// Returns the value that is compared with the target: the validation metric, or the value of the
// function in an analytic task.
double watched(const EpochPoint& epoch, Metric metric) {
  return epoch.validation ? metric_of(*epoch.validation, metric) : epoch.train_loss;
}

bool better(double a, double b, Metric metric) {
  return metric == Metric::accuracy ? a > b : a < b;
}

std::vector<double> scores(const std::vector<Run>& runs, Metric metric) {
  std::vector<double> result;
  for (const Run& run : runs) {
    const double value = score(run, metric);
    if (!std::isnan(value)) result.push_back(value);
  }
  return result;
}

// Returns the median over the runs of `part(epoch)` at the first epoch that reached the target. A
// run that did not reach it counts as infinite.
template <class Part>
std::optional<double> to_target(const std::vector<Run>& runs, const Group& group, Part part) {
  std::vector<double> costs;
  for (const Run& run : runs) {
    const auto reached = std::find_if(run.epochs.begin(), run.epochs.end(), [&](const auto& epoch) {
      const double value = watched(epoch, group.metric);
      return value == group.target || better(value, group.target, group.metric);
    });
    const bool counts = !run.diverged && reached != run.epochs.end();
    costs.push_back(counts ? part(*reached) : kForever);
  }
  if (costs.empty()) return std::nullopt;
  const double result = median(costs);
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

void check_finals(const Entry& entry) {
  const std::vector<Run>& runs = entry.finals;
  const std::string who = "[summarise] the final runs of " + entry.optimizer;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (runs[i].settings.options != runs[0].settings.options) {
      throw xgrad::OptionError(
          who + " must have the same options, found two sets; leave one of them out");
    }
    if (runs[i].settings.seed == runs[i - 1].settings.seed) {
      throw xgrad::OptionError(who + " must have different seeds, found seed " +
                               std::to_string(runs[i].settings.seed) + " twice");
    }
  }
}

// Returns whether the learning rate is the smallest or the largest of a grid with several rates.
bool is_at_edge(double lr, const std::vector<Run>& tuning) {
  bool lower = false, higher = false;
  for (const Run& run : tuning) {
    const double other = run.settings.options.at("lr");
    lower = lower || other < lr;
    higher = higher || other > lr;
  }
  return lower != higher;
}

void fill(Entry& entry, const Group& group) {
  const auto by_seed = [](const Run& a, const Run& b) { return a.settings.seed < b.settings.seed; };
  std::sort(entry.finals.begin(), entry.finals.end(), by_seed);
  std::sort(entry.defaults.begin(), entry.defaults.end(), by_seed);
  std::sort(entry.tuning.begin(), entry.tuning.end(),
            [](const Run& a, const Run& b) { return a.settings.options < b.settings.options; });
  check_finals(entry);
  entry.tuned = entry.finals.empty() ? winner(entry.tuning, group.metric)
                                     : entry.finals.front().settings.options;
  entry.at_edge = !entry.tuned.empty() && is_at_edge(entry.tuned.at("lr"), entry.tuning);
  const std::vector<double> values = scores(entry.finals, group.metric);
  entry.failed = entry.finals.size() - values.size();
  entry.mean = values.empty() ? kNone : mean(values);
  entry.stddev = values.empty() ? 0 : stddev(values);
  const std::vector<double> defaults = scores(entry.defaults, group.metric);
  if (!defaults.empty()) entry.default_mean = mean(defaults);
  entry.steps_to_target = to_target(
      entry.finals, group, [](const EpochPoint& epoch) { return static_cast<double>(epoch.step); });
  entry.seconds_to_target =
      to_target(entry.finals, group, [](const EpochPoint& epoch) { return epoch.seconds; });
}

bool ranks_before(const Entry& a, const Entry& b, Metric metric) {
  if (std::isnan(a.mean) != std::isnan(b.mean)) return std::isnan(b.mean);
  if (a.failed != b.failed) return a.failed < b.failed;
  if (a.mean != b.mean && !std::isnan(a.mean)) return better(a.mean, b.mean, metric);
  return a.optimizer < b.optimizer;
}

void compare_to(const Entry& best, Entry& entry, Metric metric) {
  std::map<std::uint64_t, double> of_best;
  for (const Run& run : best.finals) of_best[run.settings.seed] = score(run, metric);
  std::vector<double> differences;
  for (const Run& run : entry.finals) {
    const auto pair = of_best.find(run.settings.seed);
    if (pair == of_best.end()) continue;
    const double difference = score(run, metric) - pair->second;
    if (!std::isnan(difference)) differences.push_back(difference);
  }
  if (differences.size() < 2) return;
  entry.to_best = bootstrap_mean(differences);
  entry.tied = entry.to_best->contains(0);
}

}  // namespace

double score(const Run& run, Metric metric) {
  if (run.diverged || run.epochs.empty()) return kNone;
  const EpochPoint& last = run.epochs.back();
  return last.test ? metric_of(*last.test, metric) : watched(last, metric);
}

Options winner(const std::vector<Run>& tuning, Metric by) {
  const Metric other = by == Metric::accuracy ? Metric::loss : Metric::accuracy;
  const auto before = [&](const Run& a, const Run& b) {
    for (const Metric metric : {by, other}) {
      const double x = watched(a.epochs.back(), metric), y = watched(b.epochs.back(), metric);
      if (x != y) return better(x, y, metric);
      if (!a.epochs.back().validation) break;
    }
    return a.settings.options < b.settings.options;
  };
  const Run* best = nullptr;
  for (const Run& run : tuning) {
    if (run.diverged || run.epochs.empty()) continue;
    if (best == nullptr || before(run, *best)) best = &run;
  }
  return best == nullptr ? Options() : best->settings.options;
}

Group summarise(std::string task, std::size_t batch_size, Metric metric, double target,
                std::vector<Run> runs) {
  Group group{std::move(task), batch_size, metric, target, {}};
  std::map<std::string, Entry> entries;
  for (Run& run : runs) {
    Entry& entry = entries[run.settings.optimizer];
    entry.optimizer = run.settings.optimizer;
    const Stage stage = run.settings.stage;
    (stage == Stage::tuning     ? entry.tuning
     : stage == Stage::defaults ? entry.defaults
                                : entry.finals)
        .push_back(std::move(run));
  }
  for (auto& [name, entry] : entries) {
    fill(entry, group);
    group.entries.push_back(std::move(entry));
  }
  std::sort(group.entries.begin(), group.entries.end(),
            [&](const Entry& a, const Entry& b) { return ranks_before(a, b, metric); });
  for (std::size_t i = 1; i < group.entries.size(); ++i) {
    compare_to(group.entries.front(), group.entries[i], metric);
  }
  return group;
}

}  // namespace compare
