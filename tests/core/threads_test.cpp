// SPDX-License-Identifier: MIT
#include "core/threads.hpp"

#include <xgrad/core/internal/parallel.hpp>

#include "support/tensors.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(XGRAD_TEST_TBB)
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#endif

namespace xgrad {
namespace {

using test::message_of;
using test::Threads;

using Parts = std::vector<std::pair<std::size_t, std::size_t>>;

/// Returns the chunks [begin, end) of parallel_for, in ascending order.
Parts parts_of(std::size_t n, std::size_t grain, std::size_t align = 64) {
  std::mutex mutex;
  Parts parts;
  const auto body = [&](std::size_t begin, std::size_t end) {
    const std::lock_guard lock(mutex);
    parts.emplace_back(begin, end);
  };
  parallel_for(n, grain, body, align);
  std::sort(parts.begin(), parts.end());
  return parts;
}

/// Returns whether this build supports threads.
bool has_threads() {
  const Threads two(2);
  return num_threads() == 2;
}

TEST(ThreadsTest, TheNumberOfThreadsCanBeSet) {
  const Threads three(3);
  EXPECT_EQ(num_threads(), has_threads() ? 3 : 1);
  set_num_threads(1);
  EXPECT_EQ(num_threads(), 1);
}

TEST(ThreadsTest, FewerThanOneThreadThrowsAndChangesNothing) {
  const int before = num_threads();
  EXPECT_EQ(message_of<OptionError>([] { set_num_threads(0); }),
            "[set_num_threads] the number of threads must be at least 1, got 0");
  EXPECT_THROW(set_num_threads(-2), OptionError);
  EXPECT_EQ(num_threads(), before);
}

#if defined(XGRAD_TEST_TBB)

/// Ends the process with the exit status num_threads(). Restricts the process to `cores` cores, and
/// calls num_threads() first inside an arena of `slots` threads.
[[noreturn]] void exit_with_threads_on(int cores, int slots) {
  cpu_set_t all, few;
  ::sched_getaffinity(0, sizeof all, &all);
  CPU_ZERO(&few);
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&few) < cores; ++core) {
    if (CPU_ISSET(core, &all)) CPU_SET(core, &few);
  }
  ::sched_setaffinity(0, sizeof few, &few);
  tbb::task_arena arena(slots);
  std::_Exit(arena.execute([] { return num_threads(); }));
}

TEST(ThreadsDeathTest, TheDefaultIsTheNumberOfCoresOfTheProcessInAnyArena) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  cpu_set_t all;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  const int cores = CPU_COUNT(&all);
  EXPECT_EXIT(exit_with_threads_on(cores, 1), testing::ExitedWithCode(cores), "");
  EXPECT_EXIT(exit_with_threads_on(cores, 16), testing::ExitedWithCode(cores), "");
  EXPECT_EXIT(exit_with_threads_on(1, 16), testing::ExitedWithCode(1), "");
}

TEST(ThreadsTest, AGlobalLimitOnThreadsDoesNotChangeTheSplit) {
  const Threads two(2);
  const Parts before = parts_of(100000, 64);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, 1);
  EXPECT_EQ(num_threads(), 2);
  EXPECT_EQ(parts_of(100000, 64), before);
}

#endif

TEST(ParallelForTest, CoversEveryIndexOnceInChunksSplitAtMultiplesOfAlign) {
  for (const int threads : {1, 2, 3, 5}) {
    const Threads scope(threads);
    for (const std::size_t n : {0u, 1u, 2u, 63u, 64u, 65u, 127u, 200u, 1000u, 4099u}) {
      for (const std::size_t grain : {0u, 1u, 7u, 64u, 500u, 100000u}) {
        for (const std::size_t align : {1u, 16u, 64u}) {
          const Parts parts = parts_of(n, grain, align);
          std::size_t next = 0;
          for (const auto& [begin, end] : parts) {
            ASSERT_EQ(begin, next) << n << " " << grain << " " << align;
            ASSERT_LT(begin, end);
            ASSERT_EQ(begin % align, 0u);
            next = end;
          }
          ASSERT_EQ(next, n);
          ASSERT_LE(parts.size(), static_cast<std::size_t>(threads));
        }
      }
    }
  }
}

TEST(ParallelForTest, UsesAllThreadsOnALargeRange) {
  const Threads two(2);
  EXPECT_EQ(parts_of(10000, 100).size(), has_threads() ? 2u : 1u);
}

TEST(ParallelForTest, StaysOnOneThreadBelowTheGrain) {
  const Threads two(2);
  EXPECT_EQ(parts_of(1000, 501), (Parts{{0, 1000}}));
  std::thread::id worker;
  parallel_for(1000, 501, [&](std::size_t, std::size_t) { worker = std::this_thread::get_id(); });
  EXPECT_EQ(worker, std::this_thread::get_id());
}

TEST(ParallelForTest, TheSameSizesGiveTheSameSplit) {
  const Threads three(3);
  const Parts first = parts_of(9999, 10);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(parts_of(9999, 10), first);
}

TEST(ParallelForTest, ThrowsAnExceptionOfTheBodyAfterAllChunksHaveEnded) {
  for (const int count : {1, 2, 7}) {
    const Threads threads(count);
    std::atomic<std::size_t> visited{0};
    const auto body = [&](std::size_t begin, std::size_t end) {
      visited += end - begin;
      if (begin == 0) throw ShapeError("the first chunk");
    };
    EXPECT_EQ(message_of<ShapeError>([&] { parallel_for(1000, 1, body, 1); }), "the first chunk");
    EXPECT_EQ(visited, 1000u);
  }
}

TEST(ParallelForTest, MayBeNested) {
  const Threads two(2);
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(1000, 1, [&](std::size_t outer_begin, std::size_t outer_end) {
    parallel_for(outer_end - outer_begin, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++visits[outer_begin + i];
    });
  });
  for (const std::atomic<int>& count : visits) EXPECT_EQ(count, 1);
}

TEST(ParallelForTest, MayBeCalledFromSeveralThreads) {
  std::vector<std::atomic<int>> visits(5000);
  const auto visit = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++visits[i];
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) callers.emplace_back([&] { parallel_for(5000, 10, visit); });
  for (std::thread& caller : callers) caller.join();
  for (const std::atomic<int>& count : visits) EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace xgrad
