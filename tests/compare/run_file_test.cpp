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
  const RunSettings settings = test::run(Stage::tuning, "adam", 0.1).settings;
  const auto name = file_name(settings);
  const auto changed = [&](auto change) {
    RunSettings other = settings;
    change(other);
    return file_name(other) != name;
  };
  EXPECT_FALSE(changed([](RunSettings&) {}));
  EXPECT_TRUE(changed([](RunSettings& s) { s.stage = Stage::final; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.task = "iris"; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.optimizer = "sgd"; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.options["beta2"] = 0.99; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.options["lr"] *= 1 + 1e-15; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.batch_size = 1; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.hidden = {8}; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.seed = 1; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.budget.epochs = 7; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.budget.steps = 7; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.budget.seconds = 7; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.label = "kind"; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.test_fraction = 0.3; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.data = "0"; }));
  EXPECT_TRUE(changed([](RunSettings& s) { s.version = "0.0.1"; }));
}

}  // namespace
}  // namespace compare
