// SPDX-License-Identifier: MIT
// Replaces the allocation functions of this program, so that tests can make requests fail: malloc
// and its relatives, or operator new if a sanitizer provides malloc or the C library is not glibc.
#include "failing_memory.hpp"

#include <support/sanitizers.hpp>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace xgrad::test {
namespace {

std::atomic<long> to_go{0};  // number of requests up to the one that fails; 0: none fails
std::atomic<bool> lasting{false};
std::atomic<bool> failed{false};
std::atomic<std::size_t> largest{0};

/// Counts a request for memory, and returns whether it must fail.
bool refuse(std::size_t bytes) {
  if (bytes > largest.load(std::memory_order_relaxed))
    largest = bytes;  // tests read it on one thread
  if (to_go.load(std::memory_order_relaxed) == 0) return false;
  if (failed.load(std::memory_order_relaxed)) return lasting;
  if (to_go.fetch_sub(1) != 1) return false;
  to_go = 1;  // not 0, so that later requests check `failed`
  failed = true;
  return true;
}

}  // namespace

void fail_request(long n, Shortage shortage) {
  failed = false;
  lasting = shortage == Shortage::lasting;
  to_go = n;
}

bool release() {
  to_go = 0;
  return failed;
}

std::size_t largest_request() { return largest.exchange(0); }

}  // namespace xgrad::test

using xgrad::test::refuse;

#if defined(XGRAD_TEST_ASAN) || defined(XGRAD_TEST_TSAN) || !defined(__GLIBC__)

namespace {
void* granted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
}  // namespace

void* operator new(std::size_t bytes) {
  return granted(refuse(bytes) ? nullptr : std::malloc(bytes == 0 ? 1 : bytes));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto a = static_cast<std::size_t>(alignment);
  return granted(refuse(bytes) ? nullptr : std::aligned_alloc(a, (bytes + a - 1) / a * a));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return refuse(bytes) ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }

#else

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

namespace {
void* refused() {
  errno = ENOMEM;
  return nullptr;
}
}  // namespace

void* malloc(std::size_t bytes) { return refuse(bytes) ? refused() : __libc_malloc(bytes); }
void* calloc(std::size_t count, std::size_t bytes) {
  return refuse(count * bytes) ? refused() : __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes) {
  return refuse(bytes) ? refused() : __libc_realloc(block, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return refuse(bytes) ? refused() : __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  *block = refuse(bytes) ? nullptr : __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}
}  // extern "C"

#endif
