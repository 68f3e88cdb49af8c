// SPDX-License-Identifier: MIT
#include <support/sanitizers.hpp>

#include <gtest/gtest.h>
#include <xgrad/core/array.hpp>
#include <xgrad/core/memory.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <thread>
#include <vector>

namespace xgrad {
namespace {

bool is_aligned(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % kAlignment == 0;
}

/// Calls body() in a new thread, whose cache is empty.
template <class Body>
void in_new_thread(Body body) {
  std::thread(body).join();
}

// With the address sanitizer no block is cached, so that it detects every use after free.
bool keeps_blocks() {
#if defined(XGRAD_TEST_ASAN)
  return false;
#else
  return true;
#endif
}

class MemoryReuseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!keeps_blocks()) GTEST_SKIP() << "no reuse under the address sanitizer";
  }
};

TEST(MemoryTest, EveryBlockIsAlignedAndLargeEnough) {
  for (std::size_t bytes = 0; bytes <= 70000; bytes = bytes < 1100 ? bytes + 1 : bytes * 9 / 8) {
    void* const block = allocate(bytes);
    ASSERT_NE(block, nullptr) << bytes;
    ASSERT_TRUE(is_aligned(block)) << bytes;
    std::memset(block, 0xAB, bytes);  // the address sanitizer detects a block that is too small
    deallocate(block, bytes);
  }
}

TEST(MemoryTest, BlocksOfZeroBytesAreDistinct) {
  void* const a = allocate(0);
  void* const b = allocate(0);
  EXPECT_NE(a, b);
  deallocate(a, 0);
  deallocate(b, 0);
}

TEST(MemoryTest, FreeingANullPointerDoesNothing) {
  const std::size_t before = cached_memory();
  deallocate(nullptr, 64);
  EXPECT_EQ(cached_memory(), before);
}

TEST(MemoryTest, ARequestForTooMuchMemoryThrowsBadAlloc) {
  EXPECT_THROW(allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_THROW(allocate((std::size_t{1} << 47) + 1), std::bad_alloc);
}

TEST(MemoryTest, AnElementCountThatOverflowsBytesThrowsBadAlloc) {
  constexpr std::size_t wraps = std::numeric_limits<std::size_t>::max() / sizeof(Scalar) + 2;
  EXPECT_THROW(Allocator<Scalar>().allocate(wraps), std::bad_alloc);
}

TEST(MemoryTest, ArraysAreAligned) {
  for (const std::size_t n : {1u, 3u, 17u, 1000u}) {
    EXPECT_TRUE(is_aligned(empty({n}).data())) << n;
  }
}

TEST_F(MemoryReuseTest, AFreedBlockIsReused) {
  in_new_thread([] {
    void* const first = allocate(1000);
    deallocate(first, 1000);
    EXPECT_EQ(allocate(1000), first);
    deallocate(first, 1000);
  });
}

TEST_F(MemoryReuseTest, BlocksAreReusedOnlyWithinTheirSizeClass) {
  in_new_thread([] {
    void* const block = allocate(65);
    deallocate(block, 65);
    void* const larger = allocate(129);
    EXPECT_NE(larger, block);
    EXPECT_EQ(allocate(128), block);
    deallocate(block, 128);
    deallocate(larger, 129);
  });
}

TEST_F(MemoryReuseTest, RepeatedStepsDoNotEnlargeTheCache) {
  in_new_thread([] {
    const auto step = [] {
      const Array a = empty({64, 128}), b = empty({128}), c = empty({7, 7});
      return a.data()[0] == b.data()[0] || c.size() > 0;
    };
    step();
    const std::size_t kept = cached_memory();
    EXPECT_GT(kept, 64 * 128 * sizeof(Scalar));
    for (int i = 0; i < 100; ++i) {
      step();
      EXPECT_EQ(cached_memory(), kept);
    }
  });
}

TEST_F(MemoryReuseTest, AtMostAQuarterOfABlockIsWasted) {
  in_new_thread([] {
    for (std::size_t bytes = 1025; bytes < 40000; bytes += 77) {
      deallocate(allocate(bytes), bytes);
      EXPECT_GE(cached_memory(), bytes);
      EXPECT_LE(cached_memory(), bytes + bytes / 4) << bytes;
      release_cached_memory();
    }
  });
}

TEST_F(MemoryReuseTest, ReleaseCachedMemoryEmptiesTheCache) {
  in_new_thread([] {
    deallocate(allocate(5000), 5000);
    EXPECT_GT(cached_memory(), 0u);
    release_cached_memory();
    EXPECT_EQ(cached_memory(), 0u);
    deallocate(allocate(5000), 5000);
    EXPECT_GT(cached_memory(), 0u);
  });
}

TEST_F(MemoryReuseTest, AThreadThatOnlyFreesCachesNothing) {
  std::vector<void*> blocks(100);
  for (void*& block : blocks) block = allocate(4096);
  in_new_thread([&] {
    for (void* const block : blocks) deallocate(block, 4096);
    EXPECT_EQ(cached_memory(), 0u);
  });
}

TEST_F(MemoryReuseTest, AThreadCachesAtMostAsManyBlocksAsItHadInUse) {
  std::vector<void*> blocks(100);
  for (void*& block : blocks) block = allocate(4096);
  in_new_thread([&] {
    void* const a = allocate(4096);
    void* const b = allocate(4096);
    for (void* const block : blocks) deallocate(block, 4096);
    deallocate(a, 4096);
    deallocate(b, 4096);
    EXPECT_EQ(cached_memory(), 2u * 4096u);
  });
}

/// An object that is destroyed after the cache of its thread, because it is created first.
struct Outlives {
  std::optional<Array> array;
  bool* freed_late = nullptr;
  ~Outlives() {
    array.reset();
    deallocate(allocate(4096), 4096);
    if (freed_late != nullptr) *freed_late = cached_memory() == 0;
  }
};

TEST(MemoryTest, AThreadLocalArrayMayBeFreedAfterTheCache) {
  bool freed_late = false;
  in_new_thread([&] {
    thread_local Outlives last;
    last.freed_late = &freed_late;
    last.array = ones({1000});
  });
  EXPECT_TRUE(freed_late);
}

TEST(MemoryDeathTest, AStaticArrayMayBeFreedAtExit) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave = [] {
    static Outlives last;
    last.array = ones({1000});
    std::exit(0);
  };
  EXPECT_EXIT(leave(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace xgrad
