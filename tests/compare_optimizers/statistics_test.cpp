// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

#include "support/scratch.hpp"
#include "support/tensors.hpp"

namespace compare {
namespace {

using Values = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StatisticsTest, TheStandardDeviationDividesByNMinusOne) {
  const TTest test = t_test(Values{1, 2, 3, 6}, 0);
  EXPECT_DOUBLE_EQ(test.mean, 3);
  EXPECT_DOUBLE_EQ(test.standard_error, std::sqrt(14.0 / 3 / 4));
  // The formula (sum of squares) - n mean^2 would lose all digits here.
  EXPECT_DOUBLE_EQ(t_test(Values{1e9 + 1, 1e9 + 2, 1e9 + 3}, 0).standard_error, std::sqrt(1.0 / 3));
}

TEST(StatisticsTest, QuantilesInterpolateLinearlyBetweenNeighbours) {
  const Values values{40, 10, 20};
  EXPECT_EQ(quantile(values, 0), 10);
  EXPECT_EQ(quantile(values, 0.25), 15);
  EXPECT_EQ(quantile(values, 0.5), 20);
  EXPECT_EQ(quantile(values, 0.75), 30);
  EXPECT_EQ(quantile(values, 1), 40);
  EXPECT_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_EQ(quantile({kInfinity, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile({kInfinity, 1, kInfinity}, 0.5), kInfinity);
}

TEST(StatisticsTest, EqualDifferencesHaveNoIntervalUnlessTheyAreZero) {
  EXPECT_TRUE(std::isnan(t_test(Values{0.5}, 0).p));
  EXPECT_TRUE(std::isnan(t_test(Values{0.1, 0.1, 0.1}, 0).interval[0]))
      << "their spread is unknown";
  EXPECT_TRUE(std::isnan(t_test(Values{0.1, 0.1 + 1e-15}, 0).p))
      << "a spread that is only rounding";
  const TTest zero = t_test(Values{0, 0, 0}, 0.3);
  EXPECT_EQ(zero.p, 1);
  EXPECT_EQ(zero.interval[0], 0);
}

TEST(StatisticsTest, OverlappingTrainingSetsWidenTheInterval) {
  const Values values{0.1, 0.2, 0.3, 0.2};
  const TTest plain = t_test(values, 0), corrected = t_test(values, 0.25);
  // With four values, 1 / 4 + 1 / 4 is twice the variance.
  EXPECT_NEAR(corrected.standard_error, plain.standard_error * std::sqrt(2), 1e-15);
  EXPECT_GT(corrected.p, plain.p);
}

TEST(StatisticsTest, EqualValuesShareTheirRank) {
  EXPECT_EQ(ranks({0.3, 0.1, 0.3, 0.2}), (Values{3.5, 1, 3.5, 2}));
  EXPECT_EQ(ranks({1, 1, 1}), (Values{2, 2, 2}));
  EXPECT_EQ(friedman_p({{2, 2}, {2, 2}, {2, 2}}), 1);
}

TEST(StatisticsTest, AnEmptyListOfValuesIsRejected) {
  using xgrad::test::message_of;
  EXPECT_EQ(message_of([] { t_test(Values{}, 0); }),
            "[t_test] at least one value is needed, got none");
  EXPECT_NE(message_of([] { quantile({}, 0.5); }), "nothing thrown");
  EXPECT_NE(message_of([] { friedman_p({}); }), "nothing thrown");
  EXPECT_EQ(message_of([] { critical_difference(21, 5); }),
            "[critical_difference] k must be from 2 to 20, got 21");
}

void expect_test(const TTest& test, const nlohmann::json& expected) {
  EXPECT_NEAR(test.standard_error, expected["standard_error"], 1e-12);
  EXPECT_NEAR(test.interval[0], expected["low"], 1e-8);  // SciPy's quantile has nine digits
  EXPECT_NEAR(test.interval[1], expected["high"], 1e-8);
  EXPECT_NEAR(test.p, expected["p"], 1e-10);
}

// compare_statistics.py computed the expected values with SciPy, for stored runs.
TEST(StatisticsTest, AgreesWithScipyOnStoredRuns) {
  const auto expected = nlohmann::json::parse(
      read_bytes(XGRAD_SOURCE_DIR "/tests/reference/compare_statistics.json"));
  ASSERT_EQ(expected["cases"].size(), 24u);
  for (const auto& one : expected["cases"]) {
    const Values a = one["a"], b = one["b"];
    const TTest own = t_test(a, 0);
    EXPECT_NEAR(own.mean, one["mean"], 1e-12);
    EXPECT_NEAR(own.standard_error * std::sqrt(double(a.size())), one["stddev"], 1e-12);
    EXPECT_NEAR(quantile(a, 0.5), one["median"], 1e-12);
    EXPECT_NEAR(quantile(a, 0.8), one["upper"], 1e-12);
    Values differences;
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
    expect_test(t_test(differences, 0), one["plain"]);
    expect_test(t_test(differences, expected["overlap"]), one["corrected"]);
  }
}

TEST(StatisticsTest, AgreesWithScipyOnARanking) {
  const auto expected = nlohmann::json::parse(
      read_bytes(XGRAD_SOURCE_DIR "/tests/reference/compare_statistics.json"))["ranking"];
  std::vector<Values> rows;
  for (const auto& row : expected["table"]) {
    Values negative;
    for (const double value : row) negative.push_back(-value);
    rows.push_back(ranks(negative));
  }
  EXPECT_EQ(rows, expected["ranks"].get<std::vector<Values>>());
  std::vector<Values> columns(rows[0].size());
  for (const Values& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  EXPECT_NEAR(friedman_p(columns), expected["friedman_p"], 1e-10);
  const Values p = expected["p"], holm = expected["holm"];
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(holm_with_best(p)[i], holm[i], 1e-12);
  for (std::size_t k = 2; k <= 20; ++k) {
    EXPECT_NEAR(critical_difference(k, 1) / double(expected["critical"][k - 2]), 1, 1e-4) << k;
  }
}

}  // namespace
}  // namespace compare
