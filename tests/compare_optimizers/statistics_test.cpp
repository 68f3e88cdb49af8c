// SPDX-License-Identifier: MIT
#include "compare_optimizers/statistics.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

#include "support/scratch.hpp"
#include "support/tensors.hpp"

namespace compare {
namespace {

using Values = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StatisticsTest, StddevDividesByNMinusOne) {
  EXPECT_DOUBLE_EQ(mean(Values{1, 2, 3, 6}), 3);
  EXPECT_DOUBLE_EQ(stddev(Values{1, 2, 3, 6}), std::sqrt(14.0 / 3));
  EXPECT_EQ(stddev(Values{5}), 0);
  // The formula (sum of squares) - n mean^2 would lose all digits here.
  EXPECT_DOUBLE_EQ(stddev(Values{1e9 + 1, 1e9 + 2, 1e9 + 3}), 1);
}

TEST(StatisticsTest, TheMedianOfAnEvenNumberOfValuesIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({kInfinity, 1, 2}), 2);
  EXPECT_EQ(median({kInfinity, 1, kInfinity}), kInfinity);
}

TEST(StatisticsTest, QuantilesInterpolateLinearlyBetweenNeighbours) {
  const Values sorted{10, 20, 40};
  EXPECT_EQ(quantile(sorted, 0), 10);
  EXPECT_EQ(quantile(sorted, 0.25), 15);
  EXPECT_EQ(quantile(sorted, 0.75), 30);
  EXPECT_EQ(quantile(sorted, 1), 40);
  EXPECT_EQ(quantile(Values{3}, 0.3), 3);
}

TEST(StatisticsTest, TheIntervalIsReproducibleAndAPointIfAllValuesAreEqual) {
  const Values values{0.1, -0.2, 0.4, 0.3, 0.05};
  const Interval a = bootstrap_mean(values), b = bootstrap_mean(values);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_LT(a.low, a.mean);
  EXPECT_LT(a.mean, a.high);
  EXPECT_TRUE(a.contains(0));
  EXPECT_FALSE(a.contains(0.5));
  const Interval point = bootstrap_mean(Values{2, 2, 2});
  EXPECT_EQ(point.low, 2);
  EXPECT_EQ(point.high, 2);
}

TEST(StatisticsTest, ValuesOfOneSignGiveAnIntervalWithoutZero) {
  EXPECT_FALSE(bootstrap_mean(Values{-0.3, -0.1, -0.2}).contains(0));
  EXPECT_TRUE(bootstrap_mean(Values{-0.3, -0.1, 0.2}).contains(0));
}

TEST(StatisticsTest, AnIntervalThatMissesZeroOnlyByRoundingContainsIt) {
  EXPECT_TRUE((Interval{-0.5, -1, -1e-16}).contains(0));
  EXPECT_TRUE((Interval{0.5, 1e-16, 1}).contains(0));
  EXPECT_FALSE((Interval{-0.5, -1, -1e-6}).contains(0));
  EXPECT_FALSE((Interval{2e-16, 1e-16, 3e-16}).contains(0))
      << "the whole interval has this size, so it is not rounding";
}

TEST(StatisticsTest, AnEmptyListOfValuesIsRejected) {
  using xgrad::test::message_of;
  EXPECT_EQ(message_of([] { mean(Values{}); }), "[mean] at least one value is needed, got none");
  EXPECT_NE(message_of([] { median({}); }), "nothing thrown");
  EXPECT_NE(message_of([] { quantile(Values{}, 0.5); }), "nothing thrown");
  EXPECT_NE(message_of([] { bootstrap_mean(Values{}); }), "nothing thrown");
}

// compare_statistics.py computed the expected values with NumPy, for stored runs, and checked them
// with SciPy.
TEST(StatisticsTest, AgreesWithScipyOnStoredRuns) {
  const auto cases = nlohmann::json::parse(
      read_bytes(XGRAD_SOURCE_DIR "/tests/reference/compare_statistics.json"));
  ASSERT_GE(cases["cases"].size(), 6u);
  for (const auto& one : cases["cases"]) {
    const Values a = one["a"], b = one["b"];
    EXPECT_NEAR(mean(a), one["mean"], 1e-12);
    EXPECT_NEAR(stddev(a), one["stddev"], 1e-12);
    EXPECT_NEAR(median(a), one["median"], 1e-12);
    Values differences;
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
    const Interval interval = bootstrap_mean(differences);
    EXPECT_NEAR(interval.mean, one["difference"], 1e-12);
    // NumPy draws other resamples: `noise` is six times the standard deviation of an end.
    EXPECT_NEAR(interval.low, one["low"], one["noise"]) << one["name"];
    EXPECT_NEAR(interval.high, one["high"], one["noise"]) << one["name"];
  }
}

}  // namespace
}  // namespace compare
