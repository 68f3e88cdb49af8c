// SPDX-License-Identifier: MIT
#include "core/threads.hpp"

#include "support/tensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;
using test::Threads;

using Parts = std::vector<std::pair<std::size_t, std::size_t>>;

/// The parts that parallel_for makes, in order.
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

/// Whether this build has threads at all.
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

TEST(ParallelForTest, CoversEveryIndexOnceInPartsSplitAtMultiplesOfAlign) {
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

TEST(ParallelForTest, UsesAllThreadsOnARangeThatIsWorthIt) {
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

TEST(ParallelForTest, TheSplitDependsOnNothingButTheSizes) {
  const Threads three(3);
  const Parts first = parts_of(9999, 10);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(parts_of(9999, 10), first);
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
