// SPDX-License-Identifier: MIT
#include "compare_optimizers/run_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "compare_optimizers/runs.hpp"
#include "support/scratch.hpp"

namespace compare {
namespace {

const std::filesystem::path kCorpus = XGRAD_SOURCE_DIR "/tests/fuzz/corpus/run_file";

TEST(RunFileTest, AWrittenRunIsReadUnchanged) {
  compare::Run run = test::final("adam", 3, {0.5, 0.9});
  run.steps = {{1, 2.3}, {2, std::numeric_limits<double>::infinity()}};
  const compare::Run back = parse_run(to_json_lines(run), "x");
  EXPECT_EQ(to_json_lines(back), to_json_lines(run));
  EXPECT_EQ(describe(back.settings), describe(run.settings));
  EXPECT_TRUE(std::isnan(back.steps[1].loss));
  EXPECT_EQ(back.epochs[1].test->accuracy, 0.9);
}

TEST(RunFileTest, ATruncatedFileIsRejected) {
  const std::string text = to_json_lines(test::final("adam", 3, {0.5}));
  EXPECT_THROW(parse_run(text.substr(0, text.size() / 2), "x"), xgrad::DataError);
  EXPECT_THROW(parse_run(text.substr(0, text.rfind("{")), "x"), xgrad::DataError);
}

std::string replaced(std::string text, const std::string& part, const std::string& other) {
  EXPECT_NE(text.find(part), std::string::npos) << part;
  return text.replace(text.find(part), part.size(), other);
}

TEST(RunFileTest, ANumberThatIsNotACountIsRejected) {
  const std::string text = to_json_lines(test::final("adam", 3, {0.5}));
  for (const char* count : {"\"seed\":3", "\"batch_size\":64", "\"epoch\":1", "\"steps\":10"}) {
    const std::string name(count, std::strchr(count, ':') + 1);
    for (const char* other : {"-1", "1e300", "1.5", "null", "true", "\"1\"", "[1]",
                              "18446744073709551616", "-9223372036854775808"}) {
      EXPECT_THROW(parse_run(replaced(text, count, name + other), "x"), xgrad::DataError)
          << name << other;
    }
  }
}

TEST(RunFileTest, AnyTextThatWouldNotBeWrittenIsRejected) {
  const std::string text = to_json_lines(test::final("adam", 3, {0.5}));
  ASSERT_EQ(to_json_lines(parse_run(text, "x")), text);
  const std::string end = text.substr(text.rfind('{'));
  const std::string nested(100'000, '[');
  for (const std::string& other :
       {std::string(), text + text, text + end, text + "\n", text.substr(0, text.size() - 1),
        replaced(text, "{", "{ "), replaced(text, "\"final\"", "\"finale\""),
        replaced(text, "\"hidden\":[]", "\"hidden\":5"), nested, text + nested,
        replaced(text, "\"hidden\":[]", "\"hidden\":" + nested + std::string(100'000, ']'))}) {
    EXPECT_THROW(parse_run(other, "x"), xgrad::DataError) << other.substr(0, 1000);
  }
}

TEST(RunFileTest, TheSeedsOfTheFuzzTargetAreRunsAndItsFindingsAreRejected) {
  std::size_t runs = 0, findings = 0;
  for (const auto& file : std::filesystem::directory_iterator(kCorpus)) {
    const std::string name = file.path().filename().string();
    const std::string text = read_bytes(file.path());
    if (name == "seed-whole" || name == "seed-short" || name == "seed-diverged") {
      EXPECT_EQ(to_json_lines(parse_run(text, name)), text) << name;
      ++runs;
    } else if (name.starts_with("finding-")) {
      EXPECT_THROW(parse_run(text, name), xgrad::DataError) << name;
      EXPECT_NE(text.find("\"xgrad\""), std::string::npos)
          << name << " is rejected for another reason";
      ++findings;
    }
  }
  EXPECT_EQ(runs, 3u);
  EXPECT_EQ(findings, 5u);
}

TEST(RunFileTest, DifferentSettingsHaveDifferentFileNames) {
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
