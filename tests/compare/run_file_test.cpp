// SPDX-License-Identifier: MIT
#include "compare/run_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compare/runs.hpp"

namespace compare {
namespace {

TEST(RunFileTest, ARunComesBackAsItWas) {
  compare::Run run = test::final("adam", 3, {0.5, 0.9});
  run.steps = {{1, 2.3}, {2, std::numeric_limits<double>::infinity()}};
  const compare::Run back = parse_run(to_json_lines(run), "x");
  EXPECT_EQ(to_json_lines(back), to_json_lines(run));
  EXPECT_EQ(describe(back.settings), describe(run.settings));
  EXPECT_TRUE(std::isnan(back.steps[1].loss));
  EXPECT_EQ(back.epochs[1].test->accuracy, 0.9);
}

TEST(RunFileTest, AFileCutShortIsRefused) {
  const std::string text = to_json_lines(test::final("adam", 3, {0.5}));
  EXPECT_THROW(parse_run(text.substr(0, text.size() / 2), "x"), xgrad::DataError);
  EXPECT_THROW(parse_run(text.substr(0, text.rfind("{")), "x"), xgrad::DataError);
}

TEST(RunFileTest, OtherSettingsHaveAnotherName) {
  RunSettings settings = test::run(Stage::tuning, "adam", 0.1).settings;
  const auto name = file_name(settings);
  settings.budget.epochs = 7;
  EXPECT_NE(file_name(settings), name);
}

}  // namespace
}  // namespace compare
