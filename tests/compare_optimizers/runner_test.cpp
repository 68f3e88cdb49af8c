// SPDX-License-Identifier: MIT
// Tests of tasks, of single runs (RunnerTest) and of the journal (JournalTest).
#include "compare_optimizers/comparison.hpp"

#include <gtest/gtest.h>

#include <support/scratch.hpp>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "compare_optimizers/made_up.hpp"

namespace compare {
namespace {

using test::kNever;
using namespace std::chrono_literals;

Settings settings_of(const std::string& task, const std::string& optimizer, double lr,
                     std::uint64_t seed = 1, const std::string& stage = "tuned") {
  Settings settings;
  settings.stage = stage;
  settings.task = task;
  settings.optimizer = optimizer;
  settings.options = {{"lr", lr}};
  if (task == "iris") settings.batch_size = 16, settings.model = "mlp", settings.hidden = {8};
  settings.seed = seed;
  settings.epochs = 2;
  return settings;
}

const Task& task_of(const std::string& name) {
  static const std::map<std::string, Task> all{{"iris", Task("iris", {}, "")},
                                               {"digits", Task("digits", {}, "")},
                                               {"quadratic", Task("quadratic", {}, "")}};
  return all.at(name);
}

compare::Run made(const Settings& settings) {
  const bool is_surface = settings.task == "quadratic";
  const Metric metric{is_surface ? "value" : "accuracy", !is_surface, !is_surface};
  return execute(task_of(settings.task), settings, metric, kNever).value();
}

TEST(TaskTest, EachSeedSplitsTheRowsOfATableAnewAndClassByClass) {
  const Task& iris = task_of("iris");
  EXPECT_EQ(iris.info().split, "redrawn");
  EXPECT_EQ(iris.info().train_rows, 96u);
  EXPECT_EQ(iris.info().validation_rows, 24u);
  EXPECT_EQ(iris.info().test_rows, 30u);
  EXPECT_NEAR(iris.overlap(), 30.0 / 96, 1e-15);
  const Parts a = iris.split(1), again = iris.split(1), b = iris.split(2);
  EXPECT_EQ(a.test.gather_all(), again.test.gather_all());
  EXPECT_NE(a.test.gather_all(), b.test.gather_all());
  std::array<int, 3> rows{};
  for (const std::int32_t label : a.test.labels()) ++rows[static_cast<std::size_t>(label)];
  EXPECT_EQ(rows, (std::array<int, 3>{10, 10, 10}));
}

TEST(TaskTest, TargetsAreStandardisedWithTheTrainingPart) {
  const Scratch scratch;
  std::string rows = "a,b,price\n";
  for (int i = 0; i < 60; ++i) {
    rows += std::to_string(i) + "," + std::to_string(i * i % 11) + "," +
            std::to_string(100'000 + 50 * i) + "\n";
  }
  write_bytes(scratch / "t.csv", rows);
  Table table;
  table.predict = {"price"};
  const Task task("csv:" + (scratch / "t.csv").string(), table, "");
  EXPECT_EQ(task.info().kind, "regression");
  const Parts parts = task.split(1);
  double sum = 0, squares = 0;
  for (const xgrad::Scalar y : parts.train.targets()) {
    sum += y;
    squares += y * y;
  }
  const auto count = static_cast<double>(parts.train.size());
  EXPECT_NEAR(sum / count, 0, 1e-5);
  EXPECT_NEAR(squares / count, 1, 1e-5);
}

TEST(RunnerTest, TheSameSettingsGiveTheSameRun) {
  for (const std::string& name : xgrad::optim::names()) {
    for (const char* const task : {"iris", "quadratic"}) {
      const compare::Run a = made(settings_of(task, name, 0.01));
      EXPECT_EQ(a.bits, made(settings_of(task, name, 0.01)).bits) << name;
      EXPECT_NE(a.bits, made(settings_of(task, name, 0.01, 2)).bits) << name;
    }
  }
}

TEST(RunnerTest, OneSeedGivesAllOptimizersTheSameSplitAndTuningHasOtherSplits) {
  const auto split = [](const char* name, std::uint64_t seed, const char* stage) {
    return made(settings_of("iris", name, 0.01, seed, stage)).split_seed;
  };
  EXPECT_EQ(split("sgd", 1, "tuned"), split("adam", 1, "defaults"));
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    for (const char* const stage : {"tuned", "tuning"}) seeds.insert(split("sgd", seed, stage));
  }
  EXPECT_EQ(seeds.size(), 6u);
}

TEST(RunnerTest, OnlyRunsAfterTuningReadTheTestRows) {
  const compare::Run tuning = made(settings_of("iris", "adam", 0.01, 1, "tuning"));
  EXPECT_TRUE(tuning.curve.test.empty());
  EXPECT_EQ(*tuning.value, tuning.curve.validation.back());
  for (const char* const stage : {"defaults", "tuned"}) {
    const compare::Run run = made(settings_of("iris", "adam", 0.01, 1, stage));
    EXPECT_EQ(run.curve.test.size(), 2u);
    EXPECT_EQ(*run.value, run.curve.test.back());
  }
}

TEST(RunnerTest, ALimitOfStepsEndsInTheMiddleOfAnEpoch) {
  Settings settings = settings_of("iris", "sgd", 0.01);  // 96 rows: 6 steps per epoch
  settings.steps = 8;
  const compare::Run run = made(settings);
  EXPECT_EQ(run.steps, 8u);
  EXPECT_EQ(run.curve.epoch.size(), 2u);
  settings.task = "quadratic";
  settings.epochs = 100;
  EXPECT_EQ(made(settings).steps, 8u);
}

TEST(RunnerTest, CurvesAreThinnedAndKeepTheirLastPoint) {
  Settings settings = settings_of("iris", "sgd", 0.01);
  settings.epochs = 97;
  const compare::Run net = made(settings);
  EXPECT_LE(net.curve.epoch.size(), 41u);
  EXPECT_GT(net.curve.epoch.size(), 20u);
  EXPECT_EQ(net.curve.epoch.back(), 97);
  settings = settings_of("quadratic", "sgd", 0.001);
  settings.epochs = 3001;
  const compare::Run path = made(settings);
  EXPECT_LE(path.path.size(), 201u);
  EXPECT_EQ(path.curve.epoch.back(), 3001);
}

TEST(RunnerTest, ARunThatDivergesSaysWhy) {
  const compare::Run infinite = made(settings_of("iris", "sgd", 1e30));
  EXPECT_TRUE(infinite.diverged);
  EXPECT_FALSE(infinite.value);
  EXPECT_EQ(infinite.reason.rfind("the loss is ", 0), 0u) << infinite.reason;
  const compare::Run above = made(settings_of("iris", "adam", 3));
  EXPECT_TRUE(above.diverged);
  EXPECT_EQ(above.reason, "the loss ended above the one at the start");
  const compare::Run surface = made(settings_of("quadratic", "sgd", 1));
  EXPECT_TRUE(surface.diverged);
  EXPECT_EQ(surface.reason, "the loss ended above the one at the start");
}

TEST(RunnerTest, AConvolutionalModelNeedsImages) {
  Settings settings = settings_of("digits", "adam", 0.001);
  settings.model = "2c2d";
  settings.batch_size = 64;
  settings.epochs = 1;
  EXPECT_GT(*made(settings).value, 0.3);
  settings.task = "iris";
  EXPECT_THROW(made(settings), xgrad::OptionError);
}

std::size_t lines_in(const std::filesystem::path& file) {
  const std::string text = read_bytes(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '{') > 0
                                      ? std::count(text.begin(), text.end(), '\n') / 2
                                      : 0);
}

TEST(JournalTest, KeepsRunsInItsFile) {
  const Scratch scratch;
  const Settings settings = settings_of("iris", "adam", 0.01);
  const compare::Run run = made(settings);
  {
    Journal journal(scratch / "runs.jsonl");
    EXPECT_EQ(journal.find(settings), nullptr);
    journal.add({settings, run});
  }
  const Journal again(scratch / "runs.jsonl");
  ASSERT_NE(again.find(settings), nullptr);
  EXPECT_EQ(to_line({settings, *again.find(settings)}), to_line({settings, run}));
  EXPECT_EQ(lines_in(scratch / "runs.jsonl"), 1u);
}

TEST(JournalTest, IgnoresDamagedLines) {
  const Scratch scratch;
  const Settings first = settings_of("iris", "adam", 0.01),
                 second = settings_of("iris", "sgd", 0.1);
  {
    Journal journal(scratch / "runs.jsonl");
    journal.add({first, made(first)});
    journal.add({second, made(second)});
  }
  std::string text = read_bytes(scratch / "runs.jsonl");
  write_bytes(scratch / "runs.jsonl", text.substr(0, text.size() - 20));  // as after a kill
  {
    Journal journal(scratch / "runs.jsonl");
    EXPECT_NE(journal.find(first), nullptr);
    EXPECT_EQ(journal.find(second), nullptr);
    journal.add({second, made(second)});
  }
  EXPECT_NE(Journal(scratch / "runs.jsonl").find(second), nullptr);
  text = to_line({first, made(first)});
  text.replace(text.find("\"steps\":12"), 10, "\"steps\":13");
  write_bytes(scratch / "other.jsonl", text);
  EXPECT_EQ(Journal(scratch / "other.jsonl").find(first), nullptr) << "the hash does not fit";
}

TEST(JournalTest, TheSeedsOfTheFuzzTargetAreRunsOrAreIgnored) {
  const std::string corpus = XGRAD_SOURCE_DIR "/tests/fuzz/corpus/run_file/seed-";
  for (const char* const name : {"whole", "diverged"}) {
    const std::string line = read_bytes(corpus + name);
    const auto record = parse_record(line);
    ASSERT_TRUE(record) << name;
    EXPECT_EQ(to_line(*record), line);
  }
  for (const char* const name : {"cut", "below-zero", "large", "nested", "study"}) {
    EXPECT_FALSE(parse_record(read_bytes(corpus + name))) << name;
  }
}

TEST(JournalTest, ARunThatDoesNotFitOnTheDiskIsAnErrorWithTheReason) {
  const Scratch scratch;
  const Settings settings = settings_of("iris", "adam", 0.01);
  const compare::Run run = made(settings);
  Journal journal(scratch / "runs.jsonl");
  const auto added = [&] {
    try {
      journal.add({settings, run});
      return std::string("added");
    } catch (const xgrad::DataError& error) {
      return std::string(error.what());
    }
  };
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{10, old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string first = added(), second = added();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(first.find("runs.jsonl: cannot be written: File too large"), std::string::npos)
      << first;
  EXPECT_EQ(second, first);
  EXPECT_EQ(added(), "added");  // there is space again
  EXPECT_NE(Journal(scratch / "runs.jsonl").find(settings), nullptr);
}

TEST(JobsTest, AfterAnErrorNoFurtherCallStarts) {
  std::atomic<int> calls{0};
  const auto work = [&](std::size_t i) {
    ++calls;
    if (i == 3) throw xgrad::DataError("three");
  };
  EXPECT_THROW(in_parallel(1000, 1, work), xgrad::DataError);
  EXPECT_EQ(calls, 4);
  EXPECT_THROW(in_parallel(1000, 4, work), xgrad::DataError);
}

TEST(JobsTest, TheFirstErrorIsRethrownAfterAllCallsHaveEnded) {
  std::atomic<bool> has_failed{false};
  std::atomic<int> begun{0}, ended{0};
  const auto work = [&](std::size_t i) {
    ++begun;
    if (i == 1) {
      has_failed = true;
      ++ended;
      throw xgrad::DataError("first");
    }
    for (int k = 0; k < 3000 && !has_failed; ++k) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(50ms);
    ++ended;
    throw xgrad::Error("later");
  };
  EXPECT_THROW(in_parallel(100, 3, work), xgrad::DataError);
  EXPECT_EQ(begun, ended);
}

}  // namespace
}  // namespace compare
