// SPDX-License-Identifier: MIT
#pragma once

// An example comparison for tests of the report: invented training curves of a classification task,
// and real paths on the surfaces.

#include "compare_optimizers/summary.hpp"
#include "compare_optimizers/surface.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace compare::test {

/// How well an optimizer performs in the invented task.
struct Profile {
  std::string name;
  double best_rate, accuracy, pace, default_accuracy;
};

inline const std::vector<Profile>& profiles() {
  static const std::vector<Profile> all{
      {"adam", 3e-3, 0.978, 1.3, 0.974},    {"momentum", 3e-2, 0.977, 1.2, 0.951},
      {"nag", 3e-2, 0.977, 1.25, 0.953},    {"rmsprop", 1e-3, 0.974, 1.3, 0.973},
      {"adagrad", 1e-1, 0.965, 1.0, 0.905}, {"sgd", 1, 0.961, 0.7, 0.842}};
  return all;
}

inline Run made_up_run(const Profile& profile, Stage stage, double rate, std::uint64_t seed) {
  const double miss = std::log10(rate / profile.best_rate);  // decades from the best learning rate
  xgrad::Rng rng(seed * 1000 + static_cast<std::uint64_t>(rate * 1e6) + profile.name.size());
  const auto noise = [&](double size) { return size * (2 * rng.uniform() - 1); };
  Run run;
  run.settings = {stage, "digits", profile.name, {{"lr", rate}}, 64, {32}, seed, {.epochs = 30}};
  if (miss > 1.2) {
    run.diverged = true;
    run.reason = "the training loss was NaN at step " + std::to_string(40 + seed);
    return run;
  }
  const double end = stage == Stage::defaults ? profile.default_accuracy : profile.accuracy;
  const double reached = end - 0.09 * miss * miss + noise(0.004);
  const double pace = profile.pace * std::pow(10, std::min(0.0, miss)) / 3;
  for (std::uint64_t step = 1; step <= 570; step += 3) {
    const double epoch = static_cast<double>(step) / 19;
    run.steps.push_back(
        {step, 0.03 + 2.3 * std::exp(-pace * epoch) * (1 + noise(0.3)) + 0.02 * rng.uniform()});
  }
  for (std::uint64_t epoch = 1; epoch <= 30; ++epoch) {
    const double rest = std::exp(-pace * static_cast<double>(epoch));
    const double accuracy = std::max(0.1, reached - 0.6 * rest + noise(0.004));
    const double loss = 0.05 + 2 * (1 - accuracy) + rest;
    EpochPoint point{epoch,
                     19 * epoch,
                     0.004 * static_cast<double>(epoch) * (1 + noise(0.02)),
                     loss * 0.8,
                     {{loss, accuracy, 0.009, 240}},
                     {}};
    if (stage != Stage::tuning) point.test = {{loss * 1.05, accuracy - 0.004, 0.008, 360}};
    run.epochs.push_back(point);
  }
  run.seconds = run.epochs.back().seconds;
  return run;
}

inline double last_test_accuracy(const Run& run) { return run.epochs.back().test->accuracy; }

/// Sets the members of the entry that summarise() would compute.
inline void summarise_made_up(Entry& entry, const Profile& profile, const Entry* best) {
  const auto mean_of = [](const std::vector<Run>& runs) {
    double sum = 0;
    for (const Run& run : runs) sum += last_test_accuracy(run);
    return sum / static_cast<double>(runs.size());
  };
  entry.mean = mean_of(entry.finals);
  for (const Run& run : entry.finals) {
    entry.stddev += std::pow(last_test_accuracy(run) - entry.mean, 2) / 4;
  }
  entry.stddev = std::sqrt(entry.stddev);
  entry.default_mean = mean_of(entry.defaults);
  if (best != nullptr) {
    const double difference = entry.mean - best->mean;
    entry.to_best = {{difference, difference - 0.0031, difference + 0.0034}};
    entry.tied = difference + 0.0034 > 0;
  }
  if (profile.name != "sgd") {
    entry.steps_to_target = std::round(190 / profile.pace);
    entry.seconds_to_target = 0.04 / profile.pace;
  }
}

inline Group digits_group() {
  Group group{"digits", 64, Metric::accuracy, 0.95, {}};
  for (const Profile& profile : profiles()) {
    Entry entry;
    entry.optimizer = profile.name;
    entry.tuned = {{"lr", profile.best_rate}};
    if (profile.name == "adam") entry.tuned["beta2"] = 0.99;
    entry.at_edge = profile.name == "sgd";
    for (const double decade : {-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0}) {
      if (entry.at_edge && decade > 0) continue;
      const double rate = profile.best_rate * std::pow(10, decade);
      entry.tuning.push_back(made_up_run(profile, Stage::tuning, rate, 0));
    }
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      entry.finals.push_back(made_up_run(profile, Stage::final, profile.best_rate, seed));
      entry.defaults.push_back(
          made_up_run(profile, Stage::defaults, profile.best_rate * 0.999, seed));
    }
    summarise_made_up(entry, profile, group.entries.empty() ? nullptr : &group.entries.front());
    group.entries.push_back(entry);
  }
  std::sort(group.entries.begin(), group.entries.end(),
            [](const Entry& a, const Entry& b) { return a.mean > b.mean; });
  return group;
}

inline Run path_run(const Surface& surface, const std::string& rule, double rate) {
  xgrad::Array start = xgrad::Array::from_shape({2});
  start(0) = static_cast<xgrad::Scalar>(surface.start.x);
  start(1) = static_cast<xgrad::Scalar>(surface.start.y);
  xgrad::Tensor point(start, true);
  const auto optimizer = xgrad::optim::make(rule, {point}, rate);
  Run run;
  run.settings = {Stage::final, surface.name, rule, {{"lr", rate}}, 1, {}, 1, {.steps = 400}};
  for (std::uint64_t step = 0; step < 400; ++step) {
    optimizer->zero_grad();
    const xgrad::Tensor value = surface.value(point);
    const auto loss = static_cast<double>(value.item());
    run.path.push_back({point.value()(0), point.value()(1)});
    run.steps.push_back({step, loss});
    run.epochs.push_back({step, step, 1e-6 * static_cast<double>(step), loss, {}, {}});
    value.backward();
    optimizer->step();
  }
  return run;
}

inline Group surface_group(const std::string& task, const std::vector<double>& rates) {
  const Surface& surface = *find_surface(task);
  Group group{task, 1, Metric::loss, 1e-3, {}};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    Entry entry;
    entry.optimizer = xgrad::optim::names()[i];
    entry.tuned = {{"lr", rates[i]}};
    entry.finals = {path_run(surface, entry.optimizer, rates[i])};
    entry.tuning = entry.finals;
    entry.tuning.push_back(path_run(surface, entry.optimizer, rates[i] / 3));
    entry.mean = entry.finals.front().epochs.back().train_loss;
    group.entries.push_back(entry);
  }
  std::sort(group.entries.begin(), group.entries.end(),
            [](const Entry& a, const Entry& b) { return a.mean < b.mean; });
  return group;
}

inline Comparison demo() {
  Group per_row = digits_group();
  per_row.batch_size = 1;
  Entry& lost = per_row.entries.back();  // every run of the last optimizer diverges
  for (auto* runs : {&lost.tuning, &lost.finals, &lost.defaults}) {
    for (Run& run : *runs) {
      run.diverged = true;
      run.reason = "the loss at the end, 4.1, is above the one at the start, 2.3";
    }
  }
  lost.failed = lost.finals.size();
  lost.tuned.clear();
  lost.to_best.reset();
  lost.default_mean.reset();
  lost.at_edge = false;
  Entry& shaky = per_row.entries[3];  // one run of the fourth optimizer diverges
  shaky.finals[2].diverged = true;
  shaky.finals[2].reason = "the training loss was infinite at step 31";
  shaky.failed = 1;
  return {"Optimizers compared on digits, rosenbrock and quadratic",
          "compare_optimizers digits rosenbrock quadratic --batch-size 1,64 --epochs 30 --seeds 5 "
          "--jobs 2 --out results",
          {{"xgrad", "0.1.0"},
           {"machine", "AMD EPYC 9R14, 2 cores, AVX-512"},
           {"BLAS", "OpenBLAS 0.3.21 SkylakeX"},
           {"threads", "1 for each of 2 jobs"}},
          {"The validation set is drawn from the training data with a fixed seed.",
           "Learning rates are tried with one seed; the best final validation accuracy wins.",
           "The winner is trained with 5 new seeds; the test set is read once, at the end.",
           "With one seed, all optimizers start from the same weights and see the same batches, so "
           "differences are paired; the interval contains 95 % of 10,000 bootstrap means.",
           "A run counts as failed if its loss is not finite or ends above its initial value."},
          {digits_group(), per_row, surface_group("rosenbrock", {1e-3, 1e-3, 1e-3, 0.3, 1e-2, 0.1}),
           surface_group("quadratic", {1e-2, 5e-3, 5e-3, 1, 0.1, 0.3})}};
}

}  // namespace compare::test
