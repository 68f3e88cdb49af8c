// SPDX-License-Identifier: MIT
#include "support/program.hpp"

namespace {

class CompareOptimizersTest : public xgrad::test::ProgramTest {
 protected:
  CompareOptimizersTest() : ProgramTest(XGRAD_COMPARE) {}
  /// summary.csv without its last column, the seconds.
  std::string summary(const std::string& folder) {
    std::string result;
    for (const char c : read_bytes(scratch / (folder + "/summary.csv"))) {
      if (c == '\n') result.erase(result.rfind(','));
      result += c;
    }
    return result;
  }
  const std::string small = "iris --epochs 3 --seeds 2 --optimizers sgd,adam --grid lr=0.01,0.1 ";
};

TEST_F(CompareOptimizersTest, ResumedAndShardedRunsGiveTheSameSummary) {
  ASSERT_EQ(run(small + "--jobs 2 --out whole").status, 0);
  ASSERT_EQ(run(small + "--shard 1/2 --wait 0 --out parts").status, 1);  // the other is missing
  ASSERT_EQ(run(small + "--jobs 1 --resume --out parts").status, 0);
  EXPECT_EQ(summary("parts"), summary("whole"));
}

TEST_F(CompareOptimizersTest, WhatCannotBeDoneIsSaidInOneLine) {
  write_bytes(scratch / "one.csv", "a,l\n1,0\n2,0\n");
  write_bytes(scratch / "bad.csv", "a,l\n1,0\nx,1\n");
  expect_one_line("csv:one.csv", 1, "at least two classes");
  expect_one_line("csv:bad.csv", 1, "bad.csv");
  expect_one_line("csv:bad.csv --label zz", 1, "zz");
  expect_one_line("iris --shard 3/2", 2, "--shard must be i/n");
  write_bytes(scratch / "file", "");
  expect_one_line("iris --out file", 1, "cannot be made");
}

}  // namespace
