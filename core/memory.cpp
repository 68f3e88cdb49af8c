// SPDX-License-Identifier: MIT
#include <xgrad/core/memory.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <new>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Sizes are rounded up to a size class: multiples of 64 bytes up to 1 KiB, then four classes per
// power of two. So at most a quarter is wasted, and arrays of the same shape reuse each other's
// blocks.
constexpr std::size_t kSmall = 1024;
constexpr std::size_t kSmallClasses = kSmall / kAlignment;
constexpr std::size_t kClasses = kSmallClasses + std::size_t{4} * 38;

struct SizeClass {
  std::size_t index;
  std::size_t bytes;
};

SizeClass size_class(std::size_t bytes) {
  if (bytes <= kSmall) {
    const std::size_t units = std::max<std::size_t>(1, (bytes + kAlignment - 1) / kAlignment);
    return {units - 1, units * kAlignment};
  }
  // 2^log2 < bytes. std::bit_width returns int or std::size_t, depending on the standard library.
  const std::size_t log2 = 63 - static_cast<std::size_t>(std::countl_zero(bytes - 1));
  const std::size_t step = std::size_t{1} << (log2 - 2);
  const std::size_t quarter = (bytes - 1 - (std::size_t{1} << log2)) / step;  // 0..3
  return {kSmallClasses + 4 * (log2 - 10) + quarter,
          (std::size_t{1} << log2) + (quarter + 1) * step};
}

struct FreeBlock {
  FreeBlock* next;
};

// The cached blocks of one size class of one thread. `in_use` is the number of blocks that the
// thread has allocated minus the number that it has freed, whichever thread allocated them.
struct FreeList {
  FreeBlock* head = nullptr;
  std::ptrdiff_t cached = 0;
  std::ptrdiff_t in_use = 0;
  std::ptrdiff_t most_in_use = 0;
};

// An array with static lifetime may be freed after the cache of its thread has been destroyed.
thread_local constinit bool cache_is_gone = false;

struct Cache {
  std::array<FreeList, kClasses> lists{};
  std::size_t bytes = 0;

  constexpr Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  ~Cache() {
    release();
    cache_is_gone = true;
  }

  void release() noexcept {
    for (FreeList& list : lists) {
      while (list.head != nullptr) {
        FreeBlock* const next = list.head->next;
        ::operator delete (list.head, std::align_val_t{kAlignment});
        list.head = next;
      }
      list.cached = 0;
    }
    bytes = 0;
  }
};

thread_local constinit Cache cache;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kReuse = false;  // so that the sanitizer detects every use after free
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kReuse = false;
#else
constexpr bool kReuse = true;
#endif
#else
constexpr bool kReuse = true;
#endif

}  // namespace

void* allocate(std::size_t count, std::size_t size) {
  if (count > static_cast<std::size_t>(-1) / size) throw std::bad_array_new_length();
  return allocate(count * size);
}

void* allocate(std::size_t bytes) {
  if (bytes > (std::size_t{1} << 47)) throw std::bad_alloc();
  const SizeClass size = size_class(bytes);
  if (kReuse && !cache_is_gone) {
    FreeList& list = cache.lists[size.index];
    FreeBlock* const block = list.head;
    if (block != nullptr) {
      list.head = block->next;
      --list.cached;
      cache.bytes -= size.bytes;
      list.most_in_use = std::max(list.most_in_use, ++list.in_use);
      return block;
    }
    void* const fresh = ::operator new (size.bytes, std::align_val_t{kAlignment});
    list.most_in_use = std::max(list.most_in_use, ++list.in_use);
    return fresh;
  }
  return ::operator new (kReuse ? size.bytes : bytes, std::align_val_t{kAlignment});
}

void deallocate(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  if (kReuse && !cache_is_gone) {
    const SizeClass size = size_class(bytes);
    FreeList& list = cache.lists[size.index];
    list.in_use -= list.in_use > 0 ? 1 : 0;
    if (list.cached < list.most_in_use) {
      list.head = new (block) FreeBlock{list.head};
      ++list.cached;
      cache.bytes += size.bytes;
      return;
    }
  }
  ::operator delete (block, std::align_val_t{kAlignment});
}

void release_cached_memory() noexcept {
  if (!cache_is_gone) cache.release();
}

std::size_t cached_memory() noexcept { return cache_is_gone ? 0 : cache.bytes; }

}  // namespace xgrad::inline XGRAD_ABI
