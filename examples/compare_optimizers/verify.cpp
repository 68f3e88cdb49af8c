// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace compare {
namespace {

using xgrad::DataError;

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
      throw DataError("[verify] " + group.task.name +
                      ": the data must be those of the study, but their hash differs");
    }
    for (const Optimizer& optimizer : group.optimizers) {
      const Settings base = base_settings(plan_, task, group.batch_size, optimizer.name);
      const Options tuned = optimizer.tuned.value_or(Tuned()).options;
      for (const Run& run : optimizer.runs) {
        runs.push_back({group.metric, final_run(base, run.stage, run.seed, tuned), &run});
      }
    }
  }
  std::shuffle(runs.begin(), runs.end(), std::mt19937_64(std::random_device()()));
  runs.resize(std::min<std::size_t>(runs.size(), count));
  const bool exact = study.machine.fingerprint == this_machine().fingerprint;
  const std::string agreement =
      exact ? "be equal bit for bit" : fmt::format("agree within {}", kTolerance);
  in_parallel(runs.size(), jobs.workers, [&](std::size_t i) {
    const auto& [metric, s, run] = runs[i];
    const std::optional<Run> again = make(s, *jobs.stop);
    if (!again) return;
    if (exact ? run->bits == again->bits : agree(metric, run->value, again->value)) return;
    throw DataError(
        fmt::format("[verify] the run of {} on {}, stage {}, with seed {} must {}, but "
                    "its value was {} and is {}",
                    s.optimizer, s.task, s.stage, s.seed, agreement, run->value.value_or(NAN),
                    again->value.value_or(NAN)));
  });
  std::string text;
  for (const auto& [metric, s, run] : runs) {
    text += fmt::format("{}, {}, {}, seed {}\n", s.task, s.optimizer, s.stage, s.seed);
  }
  const std::string result = exact ? "are equal bit for bit: this machine is of the same kind"
                                   : agreement + ": this machine is of another kind";
  return text + fmt::format("{} runs {}\n", runs.size(), result);
}

}  // namespace compare
