// SPDX-License-Identifier: MIT
// Tests of tasks, of single runs (RunnerTest) and of the journal (JournalTest).
#include "compare_optimizers/runs.hpp"

#include <gtest/gtest.h>

#include <support/scratch.hpp>

#include <atomic>
#include <set>
#include <thread>

#include "compare_optimizers/comparison.hpp"
#ifdef XGRAD_COMPARE_MPI
#include "compare_optimizers/crew.hpp"
#endif
#include "compare_optimizers/registry.hpp"

namespace compare {
namespace {

const xgrad::train::StopRequest kNever;

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
    EXPECT_EQ(to_line(*record), line + "\n");
  }
  for (const char* const name : {"cut", "below-zero", "large", "nested", "study"}) {
    EXPECT_FALSE(parse_record(read_bytes(corpus + name))) << name;
  }
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

Plan small_plan() {
  Plan plan;
  plan.tasks = {"iris", "quadratic"};
  plan.optimizers = {"sgd", "adam"};
  plan.grid = {"lr=0.01,0.1"};
  plan.epochs = 3;
  plan.seeds = 2;
  return plan;
}

/// Returns the study as text, without its times.
std::string made_study(const Plan& plan, unsigned workers, Journal& journal) {
  const Comparison comparison(plan, "");
  Jobs jobs;
  jobs.workers = workers;
  jobs.stop = &kNever;
  EXPECT_TRUE(comparison.perform(journal, jobs));
  Study study = comparison.study(journal);
  EXPECT_TRUE(study.complete);
  auto json = nlohmann::json::parse(to_json(study));
  std::function<void(nlohmann::json&)> strip = [&](nlohmann::json& value) {
    if (value.is_object()) {
      for (const char* key :
           {"seconds", "seconds_to_target", "seconds_per_step", "hash", "profiles_seconds"}) {
        value.erase(key);
      }
    }
    if (value.is_structured())
      for (auto& each : value) strip(each);
  };
  strip(json);
  return json.dump(1);
}

TEST(ComparisonTest, TheNumberOfJobsDoesNotChangeTheStudy) {
  Journal one, five;
  EXPECT_EQ(made_study(small_plan(), 1, one), made_study(small_plan(), 5, five));
}

#ifdef XGRAD_COMPARE_MPI
TEST(CrewTest, TheProcessesOfAJobShareTheRunsAndTheStudyIsTheSame) {
  Journal alone, shared;
  const std::string expected = made_study(small_plan(), 1, alone);
  std::atomic<int> made_elsewhere{0};
  xgrad::distributed::run_as_threads(3, [&](xgrad::distributed::World& world) {
    const Comparison comparison(small_plan(), "");
    const MakeRun make = [&](const Settings& s) { return comparison.make(s, kNever); };
    if (world.rank() > 0) {
      return serve(world, [&](const Settings& s) {
        ++made_elsewhere;
        return make(s);
      });
    }
    Crew crew(world);
    Jobs jobs{.stop = &kNever};
    jobs.share = [&](const auto& todo, const MakeRun& one, const AddRun& add) {
      crew.work(todo, 1, one, add);
    };
    EXPECT_TRUE(comparison.perform(shared, jobs));
  });
  EXPECT_EQ(made_study(small_plan(), 1, shared), expected);
  EXPECT_GT(made_elsewhere, 0);
}

TEST(CrewTest, AfterAnErrorInRankZeroTheOthersEnd) {
  const auto run = [] {
    xgrad::distributed::run_as_threads(2, [](xgrad::distributed::World& world) {
      const Comparison comparison(small_plan(), "");
      const MakeRun make = [&](const Settings& s) { return comparison.make(s, kNever); };
      if (world.rank() > 0) return serve(world, make);
      Crew crew(world);
      crew.work(comparison.next({}), 1, make,
                [](const Record&) { throw xgrad::DataError("[compare] the disk is full"); });
    });
  };
  EXPECT_THROW(run(), xgrad::DataError);
}

TEST(CrewTest, AfterAnErrorWithTheRunOfAnotherProcessAllEnd) {
  std::atomic<bool> is_made_elsewhere{false};
  const auto run = [&] {
    xgrad::distributed::run_as_threads(2, [&](xgrad::distributed::World& world) {
      const Comparison comparison(small_plan(), "");
      if (world.rank() > 0) {
        return serve(world, [&](const Settings& s) {
          is_made_elsewhere = true;
          is_made_elsewhere.notify_all();
          return comparison.make(s, kNever);
        });
      }
      const auto rank_zero = std::this_thread::get_id();  // adds the runs of the other process
      const MakeRun make = [&](const Settings& s) {
        is_made_elsewhere.wait(false);
        return comparison.make(s, kNever);
      };
      Crew crew(world);
      crew.work(comparison.next({}), 1, make, [&](const Record&) {
        if (std::this_thread::get_id() != rank_zero) return;
        throw xgrad::DataError("[compare] the disk is full");
      });
    });
  };
  EXPECT_THROW(run(), xgrad::DataError);
}
#endif

TEST(ComparisonTest, AfterAStopRequestNoRunIsMade) {
  xgrad::train::StopRequest stop;
  stop.request();
  Journal journal;
  const Comparison comparison(small_plan(), "");
  const std::size_t wanted = comparison.next(journal).size();
  EXPECT_FALSE(comparison.perform(journal, {.workers = 2, .stop = &stop}));
  EXPECT_EQ(comparison.next(journal).size(), wanted);
}

TEST(ComparisonTest, AStudySoFarIsMarked) {
  const Comparison comparison(small_plan(), "");
  Journal journal;
  const Settings first = comparison.next(journal).front();
  journal.add({first, *comparison.make(first, kNever)});
  const Study study = comparison.study(journal);
  EXPECT_FALSE(study.complete);
  EXPECT_EQ(study.groups.size(), 2u);
}

Study sealed_study() {
  static const Study study = [] {
    Journal journal;
    const Comparison comparison(small_plan(), "");
    EXPECT_TRUE(comparison.perform(journal, {.workers = 2, .stop = &kNever}));
    Study made = comparison.study(journal);
    seal(made);
    return made;
  }();
  return study;
}

std::string refused(const std::string& text) {
  try {
    parse_study(text, "s.json");
  } catch (const xgrad::DataError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(StudyFileTest, AStudyIsReadUnchanged) {
  const std::string text = to_json(sealed_study());
  EXPECT_EQ(to_json(parse_study(text, "s.json")), text);
}

TEST(StudyFileTest, AStudyOfAnotherVersionIsRejected) {
  Study study = sealed_study();
  study.version = 2;
  seal(study);
  EXPECT_EQ(refused(to_json(study)),
            "[study] s.json: must have the format xgrad-study, version 1, found \"xgrad-study\", "
            "version 2");
  EXPECT_NE(refused("{}").find("[study] s.json: is not a study: "), std::string::npos);
  EXPECT_NE(refused(R"({"format": "x"})").find("is not a study"), std::string::npos);
  EXPECT_NE(refused("").find("[study] s.json: is not a study: "), std::string::npos);
  const std::string text = to_json(sealed_study());
  EXPECT_NE(refused(text.substr(0, text.size() / 2)).find("is not a study"), std::string::npos);
}

TEST(StudyFileTest, ARunThatIsMissingOrAlteredIsNamed) {
  Study study = sealed_study();
  Optimizer& optimizer = study.groups[0].optimizers[0];
  compare::Run& run = optimizer.runs[1];
  run.value = 0.999;
  const std::string who = optimizer.name + " on " + study.groups[0].task.name;
  EXPECT_NE(refused(to_json(study))
                .find("the run of " + who +
                      ", stage tuned, with seed 2 was "
                      "altered: its hash must be "),
            std::string::npos)
      << refused(to_json(study));
  for (const bool tuning : {false, true}) {
    study = sealed_study();
    Optimizer& first = study.groups[0].optimizers[0];
    tuning ? first.tuning.pop_back() : first.runs.pop_back();
    EXPECT_NE(
        refused(to_json(study)).find("s.json: a run is missing, or something else was altered"),
        std::string::npos);
  }
}

TEST(VerifyTest, RepeatedRunsAreEqualBitForBitAndADifferenceIsNamed) {
  const Comparison comparison(small_plan(), "");
  const Jobs jobs{.workers = 2, .stop = &kNever};
  Study study = sealed_study();
  EXPECT_NE(comparison.verify(study, 5, jobs).find("5 runs are equal bit for bit"),
            std::string::npos);
  study.machine.fingerprint = "another";
  EXPECT_NE(comparison.verify(study, 1000, jobs).find("16 runs agree within 0.02"),
            std::string::npos);
  for (Group& group : study.groups) {
    for (Optimizer& optimizer : group.optimizers) {
      for (compare::Run& run : optimizer.runs) run.value = 2 * run.value.value_or(0) + 1;
    }
  }
  EXPECT_THROW(comparison.verify(study, 1, jobs), xgrad::DataError);
  study = sealed_study();
  study.groups[0].task.data = "other";
  EXPECT_THROW(comparison.verify(study, 1, jobs), xgrad::DataError);
}

TEST(ReportTest, TheStudyIsEscapedAndEveryMarkIsReplaced) {
  Study study = sealed_study();
  study.program.command = "</script><script>alert(1)</script>";
  const Scratch scratch;
  write_report(scratch / "report.html", study);
  const std::string page = read_bytes(scratch / "report.html");
  EXPECT_EQ(page.find("</script><script>alert(1)"), std::string::npos);
  EXPECT_NE(page.find("<\\/script><script>alert(1)<\\/script>"), std::string::npos);
  EXPECT_EQ(page.find("{{"), std::string::npos);
}

TEST(RegistryTest, TheSettingIsALineOfCode) {
  EXPECT_EQ(code_of("adam", {{"beta2", 0.99}, {"lr", 0.003}}),
            "optim::Adam optimizer(model.parameters(), {.lr = 0.003, .beta2 = 0.99});");
  for (const std::string& name : xgrad::optim::names()) {
    EXPECT_FALSE(look_of(name)["formula_mathml"].get<std::string>().empty()) << name;
  }
}

}  // namespace
}  // namespace compare
