// SPDX-License-Identifier: MIT
// Tests of single runs (RunnerTest) and of many runs at the same time (JobsTest).
#include "compare_optimizers/jobs.hpp"

#include <gtest/gtest.h>

#include <support/scratch.hpp>

#include <algorithm>
#include <set>

#include "compare_optimizers/run_file.hpp"

namespace compare {
namespace {

namespace fs = std::filesystem;

const xgrad::train::StopRequest kNever;

RunSettings settings_of(const std::string& task, const std::string& optimizer, double lr,
                        std::uint64_t seed = 0, Stage stage = Stage::tuning) {
  RunSettings settings;
  settings.stage = stage;
  settings.task = task;
  settings.optimizer = optimizer;
  settings.options = {{"lr", lr}};
  settings.batch_size = 16;
  if (task == "iris") settings.hidden = {8};
  settings.seed = seed;
  settings.budget.epochs = 2;
  return settings;
}

const std::map<std::string, Task>& tasks() {
  static const std::map<std::string, Task> all{{"iris", load_task("iris", {}, "")},
                                               {"quadratic", load_task("quadratic", {}, "")}};
  return all;
}

Run made(const RunSettings& settings) {
  return execute(tasks().at(settings.task), settings, kNever).value();
}

/// Returns the run as text, with all seconds set to 0.
std::string without_seconds(Run run) {
  run.seconds = 0;
  for (EpochPoint& point : run.epochs) point.seconds = 0;
  return to_json_lines(run);
}

std::vector<RunSettings> many() {
  std::vector<RunSettings> all;
  for (const std::string& optimizer : xgrad::optim::names()) {
    all.push_back(settings_of("iris", optimizer, 0.01));
    all.push_back(settings_of("quadratic", optimizer, 0.01));
  }
  return all;
}

std::vector<Run> perform_in(const Scratch& scratch, const std::vector<RunSettings>& settings,
                            Jobs jobs = {}) {
  jobs.folder = scratch.path();
  if (jobs.stop == nullptr) jobs.stop = &kNever;
  return perform(tasks(), settings, jobs);
}

std::set<std::string> files_in(const Scratch& scratch) {
  std::set<std::string> names;
  for (const auto& file : fs::recursive_directory_iterator(scratch.path())) {
    if (file.is_regular_file()) names.insert(fs::relative(file, scratch.path()).string());
  }
  return names;
}

TEST(RunnerTest, TheSameSettingsGiveTheSameRun) {
  for (const RunSettings& settings : many()) {
    EXPECT_EQ(without_seconds(made(settings)), without_seconds(made(settings)));
  }
}

TEST(RunnerTest, OneSeedGivesAllOptimizersTheSameInitialWeightsAndFirstBatch) {
  std::set<double> losses;
  for (const std::string& name : xgrad::optim::names()) {
    losses.insert(made(settings_of("iris", name, 0.01, 3)).steps.front().loss);
  }
  EXPECT_EQ(losses.size(), 1u);
  losses.insert(made(settings_of("iris", "sgd", 0.01, 4)).steps.front().loss);
  EXPECT_EQ(losses.size(), 2u);
}

TEST(RunnerTest, OnlyRunsAfterTuningReadTheTestSet) {
  for (const EpochPoint& point : made(settings_of("iris", "adam", 0.01)).epochs) {
    EXPECT_TRUE(point.validation);
    EXPECT_FALSE(point.test);
  }
  for (const Stage stage : {Stage::defaults, Stage::final}) {
    for (const EpochPoint& point : made(settings_of("iris", "adam", 0.01, 1, stage)).epochs) {
      EXPECT_EQ(point.test->count, tasks().at("iris").test->size());
    }
  }
}

TEST(RunnerTest, ABudgetOfStepsEndsInTheMiddleOfAnEpoch) {
  RunSettings settings = settings_of("iris", "sgd", 0.01);  // 96 rows: 6 steps per epoch
  settings.budget = {.steps = 8};
  const compare::Run run = made(settings);
  ASSERT_EQ(run.epochs.size(), 2u);
  EXPECT_EQ(run.epochs[0].step, 6u);
  EXPECT_EQ(run.epochs[1].step, 8u);
  EXPECT_EQ(run.steps.size(), 8u);
  settings.task = "quadratic";
  EXPECT_EQ(made(settings).epochs.back().step, 8u);
}

TEST(RunnerTest, CurvesAreThinnedAndKeepTheirLastPoint) {
  RunSettings settings = settings_of("iris", "sgd", 0.01);
  settings.budget = {.steps = 3000};
  const compare::Run net = made(settings);
  EXPECT_LE(net.steps.size(), 400u);
  EXPECT_GT(net.steps.size(), 150u);
  settings.task = "quadratic";
  const compare::Run path = made(settings);
  EXPECT_LE(path.path.size(), 400u);
  EXPECT_EQ(path.path.front().x, find_surface("quadratic")->start.x);
  EXPECT_EQ(path.epochs.back().step, 3000u);
}

TEST(RunnerTest, ARunThatDivergesSaysWhy) {
  const compare::Run infinite = made(settings_of("iris", "sgd", 1e30));
  EXPECT_TRUE(infinite.diverged);
  EXPECT_EQ(infinite.reason.rfind("the loss is ", 0), 0u) << infinite.reason;
  const compare::Run above = made(settings_of("iris", "adam", 3));
  EXPECT_TRUE(above.diverged);
  EXPECT_EQ(above.reason, "the loss ended above the one at the start");
  const compare::Run surface = made(settings_of("quadratic", "sgd", 1));
  EXPECT_TRUE(surface.diverged);
  EXPECT_EQ(surface.reason, "the value ended above the one at the start");
}

TEST(JobsTest, TheNumberOfJobsDoesNotChangeTheRuns) {
  const Scratch one, many_at_once;
  const std::vector<compare::Run> a = perform_in(one, many()),
                                  b = perform_in(many_at_once, many(), {.workers = 5});
  ASSERT_EQ(a.size(), many().size());
  ASSERT_EQ(b.size(), many().size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(describe(a[i].settings), describe(many()[i]));
    EXPECT_EQ(without_seconds(a[i]), without_seconds(b[i]));
  }
  EXPECT_EQ(files_in(one), files_in(many_at_once));
}

TEST(JobsTest, ADivergingRunDoesNotStopTheOthers) {
  std::vector<RunSettings> all = many();
  all.insert(all.begin() + 1, settings_of("iris", "sgd", 1e30));
  const Scratch scratch;
  const std::vector<compare::Run> runs = perform_in(scratch, all, {.workers = 2});
  ASSERT_EQ(runs.size(), all.size());
  for (std::size_t i = 0; i < runs.size(); ++i) EXPECT_EQ(runs[i].diverged, i == 1) << i;
}

TEST(JobsTest, AfterAnErrorTheFinishedRunsAreKept) {
  std::vector<RunSettings> all = many();
  all[3].options["warmth"] = 1;
  const Scratch scratch;
  EXPECT_THROW(perform_in(scratch, all), xgrad::OptionError);
  EXPECT_EQ(files_in(scratch).size(), 3u);
}

TEST(JobsTest, ExistingRunsAreNotMadeAgain) {
  const Scratch scratch;
  const std::vector<compare::Run> first = perform_in(scratch, many());
  const std::vector<compare::Run> second = perform_in(scratch, many());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(to_json_lines(first[i]), to_json_lines(second[i]))
        << "the seconds are equal too, so no run was repeated";
  }
}

TEST(JobsTest, ShardsMakeEveryRunExactlyOnce) {
  std::multiset<std::string> made;
  for (std::uint64_t shard = 0; shard < 5; ++shard) {
    const Scratch scratch;  // separate folders, so that the runs of the other shards are missing
    EXPECT_THROW(perform_in(scratch, many(), {.shard = shard, .of = 5, .wait = 0}),
                 xgrad::DataError);
    for (const std::string& name : files_in(scratch)) made.insert(name);
  }
  std::multiset<std::string> expected;
  for (const RunSettings& settings : many()) expected.insert(file_name(settings).string());
  EXPECT_EQ(made, expected);
}

TEST(JobsTest, AfterAStopRequestNoRunIsMade) {
  xgrad::train::StopRequest stop;
  stop.request();
  const Scratch scratch;
  EXPECT_TRUE(perform_in(scratch, many(), {.stop = &stop}).empty());
  EXPECT_TRUE(files_in(scratch).empty());
}

}  // namespace
}  // namespace compare
