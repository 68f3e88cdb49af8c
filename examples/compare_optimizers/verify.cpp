// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/registry.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace compare {
namespace {

// On another machine, sums are rounded in another way, and training enlarges such differences.
constexpr double kTolerance = 0.02;

struct Chosen {
  Metric metric;
  Settings settings;
  const Run* run;
};

/// Returns whether two values agree: within the tolerance, or for losses that part of the larger.
bool agree(const Metric& metric, std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a == b;
  const double scale = metric.higher_is_better ? 1 : std::max({std::abs(*a), std::abs(*b), 1e-6});
  return std::abs(*a - *b) <= kTolerance * scale;
}

}  // namespace

std::string Comparison::verify(const Study& study, std::uint64_t count, const Jobs& jobs) const {
  std::vector<Chosen> runs;
  for (const Group& group : study.groups) {
    const Task& task = tasks_.at(group.task.name);
    if (task.info().data != group.task.data) {
      throw xgrad::DataError("[verify] " + group.task.name +
                             ": the data must be those of the study, but their hash differs");
    }
    for (const Optimizer& optimizer : group.optimizers) {
      for (const Run& run : optimizer.runs) {
        Settings s = base_settings(study.plan, task, group.batch_size, optimizer.name);
        s.stage = run.stage;
        s.seed = run.seed;
        s.options = run.stage == "tuned"
                        ? optimizer.tuned->options
                        : Options{{"lr", default_options(optimizer.name).at("lr")}};
        runs.push_back({group.metric, s, &run});
      }
    }
  }
  std::shuffle(runs.begin(), runs.end(), std::mt19937_64(std::random_device()()));
  runs.resize(std::min<std::size_t>(runs.size(), count));
  const bool exact = study.machine.fingerprint == this_machine().fingerprint;
  in_parallel(runs.size(), jobs.workers, [&](std::size_t i) {
    const auto& [metric, s, run] = runs[i];
    const std::optional<Run> again = make(s, *jobs.stop);
    if (!again) return;
    if (exact ? run->bits == again->bits : agree(metric, run->value, again->value)) return;
    throw xgrad::DataError(fmt::format(
        "[verify] the run of {} on {}, stage {}, with seed {} must {}, but its value was {} and is "
        "{}",
        s.optimizer, s.task, s.stage, s.seed,
        exact ? "be equal bit for bit" : fmt::format("agree within {}", kTolerance),
        run->value.value_or(NAN), again->value.value_or(NAN)));
  });
  std::string text;
  for (const auto& [metric, s, run] : runs) {
    text += fmt::format("{}, {}, {}, seed {}\n", s.task, s.optimizer, s.stage, s.seed);
  }
  return text + (exact ? fmt::format("{} runs are equal bit for bit: this machine is of the same "
                                     "kind\n",
                                     runs.size())
                       : fmt::format("{} runs agree within {}: this machine is of another kind\n",
                                     runs.size(), kTolerance));
}

}  // namespace compare
