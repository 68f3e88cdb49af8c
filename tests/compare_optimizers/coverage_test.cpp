// SPDX-License-Identifier: MIT
// Simulates studies whose truth is known, and prints how often their statements hold. The studies
// are analysed by the functions that analyse real ones.
#include "compare_optimizers/summary.hpp"

#include <xgrad/core/rng.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "compare_optimizers/made_up.hpp"

namespace compare {
namespace {

constexpr int kStudies = 10'000;
constexpr double kOverlap = 0.2 / 0.64;  // test rows / training rows, as in a study

/// How the results of the runs are drawn. A run is the mean of its optimizer, plus what its seed
/// (split, initial weights) adds for all optimizers, plus its own noise. With redrawn splits, the
/// runs of an optimizer also share what the overlapping training sets have in common, with the
/// correlation (test rows) / (all rows of both) that Nadeau and Bengio assume.
struct Model {
  const char* name;
  double overlap;  ///< 0: the runs are independent
  bool counts;     ///< the results are accuracies on 1000 test rows
};

/// Returns an optimizer whose runs have no curves.
Optimizer bare_optimizer(const std::string& name, const std::vector<double>& values) {
  Optimizer result;
  result.name = name;
  for (const double value : values) {
    compare::Run& run = result.runs.emplace_back();
    run.stage = "tuned";
    run.seed = result.runs.size();
    run.value = value;
  }
  return result;
}

Group simulate(const Model& model, std::uint64_t seeds, const std::vector<double>& means,
               xgrad::Rng& rng) {
  const double shared = model.overlap / (1 + model.overlap);  // correlation of an optimizer's runs
  std::vector<double> of_seed(seeds);
  for (double& effect : of_seed) effect = 0.02 * rng.normal();
  std::vector<Optimizer> optimizers;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double common = std::sqrt(shared) * rng.normal();
    std::vector<double> values;
    for (const double effect : of_seed) {
      const double noise = common + std::sqrt(1 - shared) * rng.normal();
      double value = means[i] + effect + 0.01 * noise;
      if (model.counts) value = std::round(1000 * value) / 1000;
      values.push_back(value);
    }
    optimizers.push_back(bare_optimizer("o" + std::to_string(i), values));
  }
  Group group = test::group(std::move(optimizers));
  summarise(group, model.overlap, 0.9);
  return group;
}

/// Returns the part of the studies of two optimizers whose 95 % interval contains the true
/// difference.
double coverage(const Model& model, std::uint64_t seeds) {
  xgrad::Rng rng(seeds);
  int holds = 0;
  for (int i = 0; i < kStudies; ++i) {
    const Group group = simulate(model, seeds, {0.85, 0.80}, rng);
    const Optimizer& other = group.optimizers[1];
    const double truth = other.name == "o1" ? -0.05 : 0.05;
    const Pair interval = other.summary.versus_best->interval;
    holds += interval[0] <= truth && truth <= interval[1] ? 1 : 0;
  }
  return holds / double(kStudies);
}

/// Returns the part of the studies of six equal optimizers that declare the best one better than
/// another one, and the part that would do so if p-values were not corrected.
std::pair<double, double> false_claims(const Model& model, std::uint64_t seeds) {
  xgrad::Rng rng(100 + seeds);
  int claims = 0, uncorrected = 0;
  for (int i = 0; i < kStudies; ++i) {
    const Group group = simulate(model, seeds, std::vector<double>(6, 0.85), rng);
    bool claim = false, small = false;
    for (const Optimizer& o : group.optimizers) {
      if (!o.summary.versus_best) continue;
      claim = claim || o.summary.versus_best->significant;
      small = small || o.summary.versus_best->p < 0.05;
    }
    claims += claim ? 1 : 0;
    uncorrected += small ? 1 : 0;
  }
  return {claims / double(kStudies), uncorrected / double(kStudies)};
}

TEST(CoverageTest, IntervalsHoldTheTruthAndEqualOptimizersAreRarelyToldApart) {
  std::printf("%d studies each; 95 %% intervals; six equal optimizers\n", kStudies);
  std::printf("%-36s %5s  %8s  %13s  %11s\n", "runs", "seeds", "coverage", "false claims",
              "uncorrected");
  for (const Model& model :
       {Model{"independent (published test set)", 0, false},
        Model{"independent, accuracies", 0, true}, Model{"redrawn splits", kOverlap, false}}) {
    for (const std::uint64_t seeds : {3u, 5u, 10u, 20u}) {
      const double covered = coverage(model, seeds);
      const auto [claimed, uncorrected] = false_claims(model, seeds);
      std::printf("%-36s %5d  %6.2f %%  %11.2f %%  %9.2f %%\n", model.name, int(seeds),
                  100 * covered, 100 * claimed, 100 * uncorrected);
      EXPECT_GE(covered, 0.94) << model.name << ", " << seeds << " seeds";
      EXPECT_LE(covered, 0.96) << model.name << ", " << seeds << " seeds";
      EXPECT_LE(claimed, 0.05) << model.name << ", " << seeds << " seeds";
    }
  }
}

}  // namespace
}  // namespace compare
