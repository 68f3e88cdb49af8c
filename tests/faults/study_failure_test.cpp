// SPDX-License-Identifier: MIT
// Makes each request for memory of a study fail in turn. The study that is resumed must be equal to
// one that did not fail. Each attempt is a process of its own, because the destructors of the JSON
// library request memory: if they get none, the process aborts.
#include "failing_memory.hpp"

#include "compare_optimizers/comparison.hpp"
#include "support/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <map>
#include <sstream>

namespace compare {
namespace {

using xgrad::test::Shortage;

/// Makes the runs that the file lacks.
void perform(const Comparison& comparison, const std::filesystem::path& file) {
  const xgrad::train::StopRequest never;
  Journal journal(file);
  ASSERT_TRUE(comparison.perform(journal, {.stop = &never}));
}

/// Returns the results of a study as text, without its times.
std::string results_of(const Comparison& comparison, const std::filesystem::path& file) {
  std::string text;
  for (const Group& group : comparison.study(Journal(file)).groups) {
    for (const Optimizer& optimizer : group.optimizers) {
      text += optimizer.name + " " + optimizer.tuned.value().code;
      for (const Run& run : optimizer.runs) text += " " + run.bits;
      text += "\n";
    }
  }
  return text;
}

/// How a process that makes a study has ended.
enum class End { complete, complete_after_failure, error, abort };

/// Makes the runs that the file lacks in another process, whose n-th request for memory fails.
End perform_without_memory(const Comparison& comparison, const std::filesystem::path& file, long n,
                           Shortage shortage) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::set_terminate([] { ::_exit(static_cast<int>(End::abort)); });
    xgrad::test::fail_request(n, shortage);
    try {
      perform(comparison, file);
    } catch (...) {
      ::_exit(static_cast<int>(End::error));
    }
    ::_exit(static_cast<int>(xgrad::test::release() ? End::complete_after_failure : End::complete));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  return static_cast<End>(WEXITSTATUS(status));
}

class StudyFailureTest : public ::testing::TestWithParam<Shortage> {};

TEST_P(StudyFailureTest, AStudyThatFailsKeepsItsRunsAndIsResumed) {
  Plan plan;
  plan.tasks = {"quadratic"};
  plan.optimizers = {"sgd"};
  plan.grid = {"lr=0.01,0.1"};
  plan.epochs = 2;
  plan.seeds = 1;
  const Comparison comparison(plan, "");
  const Scratch scratch;
  perform(comparison, scratch / "whole");
  const std::string whole = results_of(comparison, scratch / "whole");
  const auto file = scratch / "runs.jsonl";
  std::map<End, long> ends;
  for (long n = 1; ends[End::complete] == 0; n += 1 + n / 8) {
    std::filesystem::remove(file);
    ++ends[perform_without_memory(comparison, file, n, GetParam())];
    if (std::filesystem::exists(file)) {
      std::istringstream lines(read_bytes(file));
      for (std::string line; std::getline(lines, line);) {
        ASSERT_TRUE(line.empty() || parse_record(line)) << n << ": " << line;
      }
    }
    perform(comparison, file);
    ASSERT_EQ(results_of(comparison, file), whole) << n;
  }
  EXPECT_GT(ends[End::error], 20);
}

INSTANTIATE_TEST_SUITE_P(Shortages, StudyFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting),
                         [](const auto& each) {
                           return each.param == Shortage::once ? "Once" : "Lasting";
                         });

}  // namespace
}  // namespace compare
