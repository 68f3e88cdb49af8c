// SPDX-License-Identifier: MIT
// Tests that a study loses nothing if it is killed or if the disk is full.
#include "compare_optimizers/study_program.hpp"

#include <xgrad/core/rng.hpp>

#include <chrono>
#include <csignal>
#include <thread>
#include <tuple>

namespace {

TEST_F(CompareOptimizersTest, AComparisonThatIsKilledAndResumedGivesTheSameStudy) {
  // Each run takes some milliseconds, so that the kill interrupts one.
  const std::string longer =
      "iris --epochs 150 --seeds 2 --optimizers sgd,adam --grid lr=0.01,0.1 --tuning-seeds 1 "
      "--fixed-grid ";
  ASSERT_EQ(run(longer + "--out whole").status, 0);
  for (const std::size_t moment : {1u, 3u, 5u, 10u}) {  // twice while tuning, twice afterwards
    const Process process = start(longer + "--jobs 2 --resume --out killed", "killed.");
    wait_for_runs("killed", moment);
    ::kill(process.id, SIGKILL);
    ASSERT_EQ(finish(process).status, 128 + SIGKILL);
    ASSERT_LT(runs_in("killed"), 12u);
    ASSERT_FALSE(fs::exists(scratch / "killed/study.json"));
  }
  ASSERT_EQ(run(longer + "--jobs 3 --resume --out killed").status, 0);
  EXPECT_EQ(study("killed"), study("whole"));
}

TEST_F(CompareOptimizersTest, AStudyThatIsKilledAtAHundredRandomMomentsIsTheSame) {
  const std::string many =  // 4 tuning runs and 80 later runs
      "iris --epochs 20 --seeds 20 --optimizers sgd,adam --grid lr=0.01,0.1 --tuning-seeds 1 "
      "--fixed-grid ";
  ASSERT_EQ(run(many + "--out whole").status, 0);
  const std::string whole = study("whole");
  xgrad::Rng rng(1);
  for (int kills = 0; kills < 100;) {
    const Process process = start(many + "--jobs 2 --resume --out killed", "killed.");
    std::this_thread::sleep_for(std::chrono::microseconds(rng.below(40'000)));
    ::kill(process.id, SIGKILL);
    const Outcome outcome = finish(process);
    if (outcome.status == 128 + SIGKILL) {
      ++kills;
      if (fs::exists(scratch / "killed/study.json")) {
        ASSERT_EQ(study("killed"), whole);
      }
      continue;
    }
    ASSERT_EQ(outcome.status, 0) << outcome.err;  // was faster than the kill
    ASSERT_EQ(study("killed"), whole);
    fs::remove_all(scratch / "killed");
  }
  ASSERT_EQ(run(many + "--resume --out killed").status, 0);
  EXPECT_EQ(study("killed"), whole);
}

TEST_F(CompareOptimizersTest, AFullDiskEndsTheStudyWithAnErrorOfOneLineAndItIsResumed) {
  ASSERT_EQ(run(small + "--jobs 1 --out whole").status, 0);
  const auto size_of = [&](const char* name) { return fs::file_size(scratch / "whole" / name); };
  const auto runs = size_of("runs.jsonl"), studies = size_of("study.json");
  ASSERT_LT(std::max(runs, studies) + 512, size_of("report.html"));
  const std::tuple<std::string, std::string, std::uintmax_t> limits[] = {
      {"compare", "runs.jsonl", runs / 2},
      {"report", "report.html", std::max(runs, studies) + 512}};
  for (const auto& [where, name, limit] : limits) {
    fs::remove_all(scratch / "full");
    const std::string blocks = std::to_string(limit / 512);  // ulimit counts blocks of 512 bytes
    const Outcome outcome =
        run("ulimit -f " + blocks + " && " XGRAD_COMPARE, small + "--jobs 1 --resume --out full");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "compare_optimizers: [" + where + "] " +
                               (scratch / "full" / name).string() +
                               ": cannot be written: File too large\n");
    EXPECT_FALSE(fs::exists(scratch / "full/report.html"));
    const std::size_t kept = runs_in("full");
    EXPECT_GE(kept, 3u);
    ASSERT_EQ(run(small + "--resume --out full").status, 0);
    EXPECT_EQ(study("full"), study("whole"));
    EXPECT_EQ(runs_in("full"), 12u);  // so no run was made twice
  }
}

}  // namespace
