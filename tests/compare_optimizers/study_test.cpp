// SPDX-License-Identifier: MIT
// Tests of a whole study: of its runs on several threads and processes, of its file, of the
// repetition of its runs, and of its report.
#include "compare_optimizers/comparison.hpp"

#include <gtest/gtest.h>

#include <support/scratch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#ifdef XGRAD_COMPARE_MPI
#include "compare_optimizers/crew.hpp"
#endif
#include "compare_optimizers/made_up.hpp"
#include "compare_optimizers/registry.hpp"

namespace compare {
namespace {

using test::kNever;
using namespace std::chrono_literals;

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
    const MakeRun make_later = [&](const Settings& s) {  // so that the others get runs
      for (int i = 0; i < 3000 && made_elsewhere == 0; ++i) std::this_thread::sleep_for(10ms);
      return make(s);
    };
    Jobs jobs{.stop = &kNever};
    jobs.share = [&](const auto& todo, const MakeRun&, const AddRun& add) {
      share(world, todo, 1, make_later, add);
    };
    EXPECT_TRUE(comparison.perform(shared, jobs));
    dismiss(world);
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
      share(world, comparison.next({}), 1, make,
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
          return comparison.make(s, kNever);
        });
      }
      const auto rank_zero = std::this_thread::get_id();  // adds the runs of the other process
      const MakeRun make = [&](const Settings& s) {
        for (int i = 0; i < 3000 && !is_made_elsewhere; ++i) std::this_thread::sleep_for(10ms);
        return comparison.make(s, kNever);
      };
      share(world, comparison.next({}), 1, make, [&](const Record&) {
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
  study.machine["fingerprint"] = "another";
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
  study.program["command"] = "</script><script>alert(1)</script>";
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
