// SPDX-License-Identifier: MIT
// Tests numbers that differ only in digits that float cannot store. The expected values were
// computed in Python: (x - statistics.mean(column)) / statistics.pstdev(column).
#include <xgrad/core/log.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <set>

namespace xgrad {
namespace {

using datasets::CsvOptions;
using datasets::Dataset;
using datasets::Standardizer;

/// Returns a table whose column x contains first, first + step, ..., printed with `format`.
std::string table(const char* format, double first, double step, int rows = 100) {
  std::string text = "x,class\n";
  for (int i = 0; i < rows; ++i) {
    char number[64];
    std::snprintf(number, sizeof number, format, first + i * step);
    text += number + std::string(i % 2 == 0 ? ",a\n" : ",b\n");
  }
  return text;
}

/// Returns the warnings that are logged while a table is read.
std::vector<std::string> warnings(const std::string& text, const CsvOptions& options = {}) {
  std::vector<std::string> result;
  set_log_handler([&](LogLevel level, std::string_view message) {
    EXPECT_EQ(level, LogLevel::warning);
    result.emplace_back(message);
  });
  datasets::parse_csv(text, "t", options);
  set_log_handler(nullptr);
  return result;
}

void expect_even_steps(const Dataset& data) {
  const std::vector<double> x = test::numbers(data.gather_all());
  EXPECT_EQ(std::set<double>(x.begin(), x.end()).size(), 100u);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(x[i], -1.714816042439 + static_cast<double>(i) * 0.034642748332, 1e-6);
  }
}

const std::string kTimes = table("%.0f", 1700000000, 1);
const std::string kLatitudes = table("%.7f", 52.5200066, 1e-7);
const std::string kIds = table("%.0f", 16777216, 1);  // 2^24
const std::string kLongIds = table("%.0f", 1e15, 1);

TEST(CsvDigitsTest, StandardizedNumbersKeepDigitsThatFloatCannotStore) {
  for (const std::string& text : {kTimes, kLatitudes, kIds, kLongIds}) {
    expect_even_steps(datasets::parse_csv(text, "t", {.standardize = true}));
  }
}

TEST(CsvDigitsTest, AStandardizerOfASubsetKeepsTheseDigitsToo) {
  for (const std::string& text : {kTimes, kLatitudes, kIds, kLongIds}) {
    const Dataset all = datasets::parse_csv(text, "t");
    expect_even_steps(Standardizer(all)(all));
    const auto [rest, test] = datasets::stratified_split(all, 0.2, 1);
    const Dataset scaled = Standardizer(rest)(test);
    const std::vector<double> x = test::numbers(scaled.gather_all());
    EXPECT_EQ(std::set<double>(x.begin(), x.end()).size(), 20u);
    const Dataset like = datasets::parse_csv(text, "t", {.like = scaled});
    const std::vector<double> y = test::numbers(like.gather_all());
    EXPECT_EQ(std::set<double>(y.begin(), y.end()).size(), 100u);
  }
}

TEST(CsvDigitsTest, AWarningNamesColumnsWhoseNumbersBecomeEqualInFloat) {
  EXPECT_EQ(warnings(kTimes),
            (std::vector<std::string>{
                "[csv] t: numbers are too close together for float: column \"x\" has 100 different "
                "numbers, of which 2 remain; set standardize, or use a Standardizer"}));
  EXPECT_EQ(warnings("a,b,c,class\n1,16777217,0.1,x\n2,16777216,0.10000000000000002,y\n"),
            (std::vector<std::string>{
                "[csv] t: numbers are too close together for float: column \"b\" has 2 different "
                "numbers, of which 1 remain, column \"c\" has 2 different numbers, of which 1 "
                "remain; set standardize, or use a Standardizer"}));
  EXPECT_EQ(warnings("16777216,x\n16777217,x\n").size(), 1u);
  EXPECT_EQ(warnings("a,class\n1e-60,x\n2e-60,y\n").size(), 1u);  // both become 0
}

TEST(CsvDigitsTest, ThereIsNoWarningIfNothingIsLost) {
  EXPECT_TRUE(warnings(kTimes, {.standardize = true}).empty());
  EXPECT_TRUE(warnings(kTimes, {.warn = false}).empty());
  const Dataset scaled = datasets::parse_csv(kTimes, "t", {.standardize = true});
  EXPECT_TRUE(warnings(kTimes, {.like = scaled}).empty());
  EXPECT_TRUE(
      warnings("a,b,class\n0.1,1700000000,x\n0.2,1700000000,y\n0.1,1700000000,y\n").empty());
}

}  // namespace
}  // namespace xgrad
