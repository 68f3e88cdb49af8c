// SPDX-License-Identifier: MIT
// Makes each request for memory of a study fail in turn. The study that is resumed must be equal to
// one that did not fail. Each attempt is a process of its own, because a few requests abort it:
// those of the JSON library's destructors, and the C library's at the first thread_local of a
// thread.
#include "failing_memory.hpp"

#include "compare_optimizers/comparison.hpp"
#ifdef XGRAD_COMPARE_MPI
#include "compare_optimizers/crew.hpp"
#endif
#include "support/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <functional>
#include <map>
#include <sstream>

namespace compare {
namespace {

using xgrad::test::Shortage;

/// Makes the runs that a file lacks.
using Perform =
    std::function<void(const Comparison& comparison, const std::filesystem::path& file)>;

void perform(const Comparison& comparison, const std::filesystem::path& file) {
  const xgrad::train::StopRequest never;
  Journal journal(file);
  ASSERT_TRUE(comparison.perform(journal, {.stop = &never}));
}

#ifdef XGRAD_COMPARE_MPI
void perform_on_two_processes(const Comparison& comparison, const std::filesystem::path& file) {
  xgrad::distributed::run_as_threads(2, [&](xgrad::distributed::World& world) {
    const xgrad::train::StopRequest never;
    if (world.rank() > 0) {
      return serve(world, [&](const Settings& s) { return comparison.make(s, never); });
    }
    Journal journal(file);
    Jobs jobs{.stop = &never};
    jobs.share = [&](const auto& todo, const MakeRun& make, const AddRun& add) {
      share(world, todo, 1, make, add);
    };
    ASSERT_TRUE(comparison.perform(journal, jobs));
    dismiss(world);
  });
}
#endif

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

/// Performs a study in another process, whose n-th request for memory fails.
End end_of(const std::function<void()>& study, long n, Shortage shortage) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::set_terminate([] { ::_exit(static_cast<int>(End::abort)); });
    xgrad::test::fail_request(n, shortage);
    try {
      study();
    } catch (...) {
      ::_exit(static_cast<int>(End::error));
    }
    ::_exit(static_cast<int>(xgrad::test::release() ? End::complete_after_failure : End::complete));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) return End::abort;  // by the C library
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  return static_cast<End>(WEXITSTATUS(status));
}

void expect_resumes(const Perform& perform_or_fail, Shortage shortage) {
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
  for (long n = 1; ends[End::complete] == 0; n += 1 + n / 6) {
    std::filesystem::remove(file);
    ++ends[end_of([&] { perform_or_fail(comparison, file); }, n, shortage)];
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

class StudyFailureTest : public ::testing::TestWithParam<Shortage> {};

TEST_P(StudyFailureTest, AStudyThatFailsKeepsItsRunsAndIsResumed) {
  expect_resumes(perform, GetParam());
}

#ifdef XGRAD_COMPARE_MPI
TEST_P(StudyFailureTest, AStudyOfTwoProcessesThatFailsKeepsItsRunsAndIsResumed) {
  expect_resumes(perform_on_two_processes, GetParam());
}
#endif

INSTANTIATE_TEST_SUITE_P(Shortages, StudyFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting),
                         xgrad::test::name_of_shortage);

}  // namespace
}  // namespace compare
