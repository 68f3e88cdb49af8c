// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "compare_optimizers/made_up.hpp"

namespace compare {
namespace {

using test::optimizer;

Group summarised(std::vector<Optimizer> optimizers, std::optional<double> target = 0.9) {
  Group group = test::group(std::move(optimizers));
  summarise(group, 0, target);
  return group;
}

std::vector<std::string> names(const Group& group) {
  std::vector<std::string> result;
  for (const Optimizer& each : group.optimizers) result.push_back(each.name);
  return result;
}

TEST(SummaryTest, RanksByTheMeanTestMetricAndPairsRunsBySeed) {
  // With each seed, nag is about 0.01 below adam, although both vary far more than that.
  const Group group =
      summarised({optimizer("sgd", {0.7, 0.9, 0.7}, {}), optimizer("nag", {0.891, 0.79, 0.939}, {}),
                  optimizer("adam", {0.9, 0.8, 0.95}, {})});
  ASSERT_EQ(names(group), (std::vector<std::string>{"adam", "nag", "sgd"}));
  const Summary& best = group.optimizers[0].summary;
  EXPECT_NEAR(best.tuned->mean, 2.65 / 3, 1e-15);
  EXPECT_NEAR(best.tuned->standard_error, 0.0763762615825973 / std::sqrt(3), 1e-14);
  EXPECT_EQ(best.rank, 1u);
  EXPECT_FALSE(best.versus_best);
  const Versus& nag = *group.optimizers[1].summary.versus_best;
  EXPECT_NEAR(nag.difference, -0.01, 1e-15);
  EXPECT_NEAR(nag.p, 0.00331675872235686, 1e-10);  // SciPy: ttest_1samp([-0.009, -0.01, -0.011], 0)
  EXPECT_NEAR(nag.p_holm, 3 * nag.p, 1e-12);
  EXPECT_TRUE(nag.significant);
  EXPECT_FALSE(group.optimizers[2].summary.versus_best->significant) << "one seed disagrees";
  EXPECT_EQ(group.comparisons, 3u);
  EXPECT_EQ(group.conclusion.best, "adam");
  EXPECT_EQ(group.conclusion.indistinguishable, std::vector<std::string>{"sgd"});
}

TEST(SummaryTest, TheSmallerLossRanksFirst) {
  Group group = test::group({optimizer("a", {0.7, 0.8}, {}), optimizer("b", {0.8, 0.95}, {})});
  group.metric = {"loss", false, false};
  summarise(group, 0, 0.1);
  EXPECT_EQ(names(group), (std::vector<std::string>{"a", "b"}));
  EXPECT_NEAR(group.optimizers[1].summary.versus_best->difference, 0.125, 1e-12);
}

TEST(SummaryTest, DivergedRunsAreCountedRankedLowerAndLeftOutOfPairs) {
  Optimizer shaky = optimizer("shaky", {0.99, 0.98, 0.97}, {});
  shaky.runs[1] = test::run("tuned", 2, std::nullopt);
  Optimizer lost = optimizer("lost", {}, {});
  lost.runs = {test::run("tuned", 1, std::nullopt), test::run("tuned", 2, std::nullopt)};
  const Group group = summarised({lost, shaky, optimizer("steady", {0.8, 0.7, 0.9}, {})});
  ASSERT_EQ(names(group), (std::vector<std::string>{"steady", "shaky", "lost"}));
  EXPECT_EQ(group.optimizers[1].summary.tuned->diverged, 1u);
  EXPECT_NEAR(group.optimizers[1].summary.tuned->mean, 0.98, 1e-15);
  EXPECT_NEAR(group.optimizers[1].summary.versus_best->difference, (0.19 + 0.07) / 2, 1e-15);
  EXPECT_FALSE(group.optimizers[2].summary.rank);
  EXPECT_FALSE(group.optimizers[2].summary.versus_best);
}

TEST(SummaryTest, ABetterMeanThatRanksLowerForADivergedRunIsNotCalledWorse) {
  Optimizer shaky = optimizer("shaky", {0.99, 0.98, 0.97, 0.98, 0.5}, {});
  shaky.runs[4] = test::run("tuned", 5, std::nullopt);
  const Group group = summarised({shaky, optimizer("steady", {0.69, 0.681, 0.67, 0.679, 0.7}, {})});
  const Versus& versus = *group.optimizers[1].summary.versus_best;
  EXPECT_LT(versus.p_holm, 0.001);
  EXPECT_FALSE(versus.significant);
}

TEST(SummaryTest, OneSeedGivesNoInterval) {
  const Group group = summarised({optimizer("a", {0.9}, {}), optimizer("b", {0.8}, {})});
  EXPECT_NEAR(group.optimizers[1].summary.versus_best->difference, -0.1, 1e-12);
  EXPECT_TRUE(std::isnan(group.optimizers[1].summary.versus_best->p));
  EXPECT_FALSE(group.optimizers[1].summary.versus_best->significant);
  EXPECT_TRUE(std::isnan(group.optimizers[0].summary.tuned->interval[0]));
}

TEST(SummaryTest, TheIntervalOfAnAccuracyEndsAtOneHundredPercent) {
  const Group group = summarised({optimizer("a", {0.9, 1, 1}, {})});
  EXPECT_EQ(group.optimizers[0].summary.tuned->interval[1], 1);
}

TEST(SummaryTest, StepsAndSecondsToTheTargetAreMedians) {
  // The validation accuracy ends 0.01 below the test accuracy, and is 0.1 below after one epoch.
  const auto summary = [](const std::vector<double>& values) {
    return summarised({optimizer("sgd", values, {})}).optimizers[0].summary;
  };
  EXPECT_EQ(summary({0.92, 0.95, 0.7}).steps_to_target.median, 20);
  EXPECT_EQ(summary({0.92, 0.95, 0.7}).steps_to_target.reached, 2u);
  EXPECT_EQ(summary({1.0, 1.0, 0.7}).seconds_to_target.median, 0.5);
  EXPECT_FALSE(std::isfinite(summary({0.95, 0.5, 0.5}).steps_to_target.median));
}

TEST(SummaryTest, TheTargetIsReachedByThreeQuartersOfTheOptimizers) {
  std::vector<Optimizer> all;
  for (const double value : {0.6, 0.7, 0.8, 0.9, 0.99}) {
    all.push_back(optimizer("o" + std::to_string(all.size()), {value, value, value}, {}));
  }
  const Group group = summarised(all, std::nullopt);
  EXPECT_NEAR(group.target.value, 0.69, 1e-12);
  EXPECT_FALSE(group.target.reason.empty());
  int reached = 0;
  for (const Optimizer& each : group.optimizers) {
    reached += std::isfinite(each.summary.steps_to_target.median) ? 1 : 0;
  }
  EXPECT_EQ(reached, 4);
}

TEST(SummaryTest, ATunedSettingThatTestsBelowItsDefaultsIsMarked) {
  const Group group = summarised({optimizer("a", {0.9, 0.8}, {0.95, 0.86}),  //
                                  optimizer("b", {0.9, 0.85}, {0.8, 0.8})});
  EXPECT_TRUE(group.optimizers[1].summary.tuned_worse_than_defaults);
  EXPECT_NEAR(group.optimizers[1].summary.gain->difference, -0.055, 1e-12);
  EXPECT_FALSE(group.optimizers[0].summary.tuned_worse_than_defaults);
}

TEST(SummaryTest, AnOptimizerWhoseLossStillFallsIsMarked) {
  const auto improving = [](const std::vector<Real>& losses) {
    Optimizer one = optimizer("a", {0.9, 0.9}, {});
    for (compare::Run& run : one.runs) {
      run.curve.validation_loss = losses;
      run.curve.validation.assign(losses.size(), 0.9);
      run.curve.epoch.assign(losses.size(), 1.0);
      run.curve.seconds.assign(losses.size(), 1.0);
    }
    return summarised({one}).optimizers[0].summary.still_improving;
  };
  EXPECT_TRUE(improving({1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1}));
  EXPECT_FALSE(improving({1, 0.5, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.199}));
  EXPECT_FALSE(improving({1, 0.5, 0.3, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5}));
}

std::vector<Group> three_groups() {
  std::vector<Group> groups;
  for (const double shift : {0.0, 0.001, 0.002}) {
    groups.push_back(
        summarised({optimizer("a", {0.95 + shift, 0.96}, {}),
                    optimizer("b", {0.93 - shift, 0.94}, {}), optimizer("c", {0.7, 0.75}, {})}));
  }
  return groups;
}

TEST(AcrossTest, AverageRanksHaveACriticalDifferenceAndCliques) {
  const auto across = summarise_across(three_groups());
  EXPECT_EQ(across["average_ranks"][0]["optimizer"], "a");
  EXPECT_EQ(across["average_ranks"][0]["rank"], 1.0);
  EXPECT_EQ(across["average_ranks"][2]["rank"], 3.0);
  EXPECT_NEAR(across["critical_difference"], 2.3437 * std::sqrt(12 / 18.0), 1e-9);
  EXPECT_NEAR(across["friedman_p"], 0.0497870683678639, 1e-12);  // exp(-3)
  EXPECT_EQ(across["cliques"], nlohmann::json::parse(R"([["a","b"],["b","c"]])"));
  EXPECT_TRUE(summarise_across({three_groups()[0]}).is_null());
}

TEST(AcrossTest, ProfilesCountTheGroupsWithinARatioOfTheFastest) {
  const auto profiles = summarise_across(three_groups())["profiles"];
  ASSERT_EQ(profiles.size(), 3u);
  EXPECT_EQ(profiles[0]["optimizer"], "a");
  EXPECT_EQ(profiles[0]["fraction"].back(), 1.0);
  EXPECT_EQ(profiles[2]["fraction"].back(), 0.0) << "c never reaches the target";
}

TEST(TableTest, IsAlignedAndExplainsItsSymbols) {
  Group group = test::group(
      {optimizer("adam", {0.95, 0.97}, {0.97, 0.98}), optimizer("nag", {0.6, 0.7}, {})});
  group.optimizers[0].tuned->at_edge = true;
  summarise(group, 0, 0.9);
  const std::string table = to_table(group);
  EXPECT_NE(table.find("digits, batch size 64: mean over 2 seeds, best first"), std::string::npos);
  EXPECT_NE(table.find("\n  1  adam      lr=0.1         96.00 % [83.29 %, 100.00 %]"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("  97.50 %      20  ! v\n"), std::string::npos) << table;
  EXPECT_EQ(table.find(" \n"), std::string::npos);
  EXPECT_EQ(ranking(group), "digits: adam 96.00 %, nag 65.00 %");
}

}  // namespace
}  // namespace compare
