// SPDX-License-Identifier: MIT
// Compares random numbers with tests/reference/rng_reference.csv and tests properties of Rng.
#include "support/tensors.hpp"

#include <gtest/gtest.h>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;

/// A row of the table: the numbers that Rng(seed) must return. In "quantile" rows, `seed` is the
/// second word of the state.
struct Row {
  std::uint64_t seed;
  std::uint64_t argument;
  std::vector<std::string> numbers;
};

std::vector<Row> reference(const std::string& kind) {
  std::ifstream table(XGRAD_SOURCE_DIR "/tests/reference/rng_reference.csv");
  std::vector<Row> rows;
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string name, seed, argument, number;
    std::getline(fields, name, ',');
    if (name != kind) continue;
    std::getline(fields, seed, ',');
    std::getline(fields, argument, ',');
    rows.push_back({std::stoull(seed), std::stoull(argument), {}});
    while (fields >> number) rows.back().numbers.push_back(number);
  }
  EXPECT_FALSE(rows.empty()) << kind;
  return rows;
}

/// Expects draw(rng, argument) to return the integers of every row of this kind.
void expect_integers(const std::string& kind,
                     const std::function<std::uint64_t(Rng&, std::uint64_t)>& draw) {
  for (const Row& row : reference(kind)) {
    Rng rng(row.seed);
    for (const std::string& number : row.numbers) {
      EXPECT_EQ(draw(rng, row.argument), std::stoull(number)) << kind << " seed " << row.seed;
    }
  }
}

void expect_close(double got, const std::string& expected) {
  const double want = std::strtod(expected.c_str(), nullptr);
  EXPECT_NEAR(got, want, 1e-15 * std::max(std::fabs(want), 0.1)) << expected;
}

TEST(RngTest, GivesTheBitsOfXoshiro256StarStar) {
  expect_integers("next", [](Rng& rng, std::uint64_t) { return rng.next(); });
}

TEST(RngTest, UniformIsTheUpper53Bits) {
  for (const Row& row : reference("uniform")) {
    Rng rng(row.seed);
    for (const std::string& number : row.numbers) {
      EXPECT_EQ(rng.uniform(), std::strtod(number.c_str(), nullptr)) << "seed " << row.seed;
    }
  }
}

TEST(RngTest, BelowRejectsBitsThatWouldBiasTheResult) {
  expect_integers("below", [](Rng& rng, std::uint64_t n) { return rng.below(n); });
}

TEST(RngTest, NormalIsTheInverseOfTheDistributionFunction) {
  for (const Row& row : reference("normal")) {
    Rng rng(row.seed);
    for (const std::string& number : row.numbers) expect_close(rng.normal(), number);
  }
}

TEST(RngTest, NormalIsAccurateInTheFarTails) {
  for (const Row& row : reference("quantile")) {
    Rng rng(0);
    rng.set_state({1, row.seed, 2, 3});
    EXPECT_EQ(Rng(rng).next(), row.argument);
    expect_close(rng.normal(), row.numbers.at(0));
  }
}

TEST(RngTest, UniformNumbersAreBelowTheUpperLimit) {
  const Rng::State highest{1, 5748594724359139783u, 2, 3};  // the next number is 1 - 2^-53
  Rng rng(0);
  rng.set_state(highest);
  EXPECT_EQ(rng.uniform(), 1 - 0x1.0p-53);
  rng.set_state(highest);
  EXPECT_EQ(rng.uniform(1, 2), std::nextafter(2.0, 1.0));
  rng.set_state(highest);
  EXPECT_EQ(rng.uniform({1}, 1, 2)(0), std::nextafter(Scalar{2}, Scalar{1}));
}

TEST(RngTest, PermutationEqualsTheReference) {
  for (const Row& row : reference("permutation")) {
    const std::vector<std::size_t> order = Rng(row.seed).permutation(row.argument);
    ASSERT_EQ(order.size(), row.numbers.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(order[i], std::stoull(row.numbers[i])) << "seed " << row.seed << " at " << i;
    }
  }
}

TEST(RngTest, PermutationHoldsEveryNumberOnce) {
  for (const std::size_t n : {0u, 1u, 2u, 257u}) {
    std::vector<std::size_t> order = Rng(9).permutation(n);
    std::sort(order.begin(), order.end());
    ASSERT_EQ(order.size(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(RngTest, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
  const Array x = Rng(5).normal({100000});
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const Scalar value : x) {
    const double v = value;
    m1 += v / 1e5;
    m2 += v * v / 1e5;
    m3 += v * v * v / 1e5;
    m4 += v * v * v * v / 1e5;
  }
  EXPECT_NEAR(m1, 0, 0.013);  // each tolerance is four standard errors
  EXPECT_NEAR(m2, 1, 0.018);
  EXPECT_NEAR(m3, 0, 0.05);
  EXPECT_NEAR(m4, 3, 0.125);
}

TEST(RngTest, BelowIsUniform) {
  Rng rng(6);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[rng.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 370);  // four standard errors
}

TEST(RngTest, ArraysHoldTheSameNumbersAsSingleDraws) {
  Rng whole(3), single(3);
  const Array u = whole.uniform({2, 3}, -2, 5);
  const Array z = whole.normal({4}, 1, 0.5);
  EXPECT_EQ(u.shape(), (Shape{2, 3}));
  for (const Scalar value : u) {
    EXPECT_EQ(value, static_cast<Scalar>(-2 + 7 * single.uniform()));
    EXPECT_GE(value, -2);
    EXPECT_LT(value, 5);
  }
  for (const Scalar value : z) EXPECT_EQ(value, static_cast<Scalar>(1 + 0.5 * single.normal()));
}

TEST(RngTest, AStateGivesTheSameNumbersAgain) {
  Rng rng(11);
  rng.normal({5});
  const Rng::State state = rng.state();
  const Array first = rng.normal({10});
  Rng other(0);
  other.set_state(state);
  EXPECT_EQ(other.normal({10}), first);
  EXPECT_EQ(other.state(), rng.state());
}

TEST(RngTest, DifferentSeedsGiveDifferentNumbers) { EXPECT_NE(Rng(0).next(), Rng(1).next()); }

TEST(RngTest, BelowZeroThrows) {
  Rng rng(1);
  const Rng::State before = rng.state();
  EXPECT_EQ(message_of<OptionError>([&] { rng.below(0); }),
            "[Rng::below] n must be at least 1, got 0");
  EXPECT_EQ(rng.state(), before);
}

}  // namespace
}  // namespace xgrad
