// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <new>

namespace xgrad::inline XGRAD_ABI {

/// Every block starts on a cache line, which is also the widest SIMD register.
inline constexpr std::size_t kAlignment = 64;

/// Gives `bytes` of memory at a 64-byte boundary. A freed block is kept by the thread that freed it
/// and given out again, so that a steady training step asks the system for nothing.
/// Throws std::bad_alloc.
void* allocate(std::size_t bytes);

/// Allocates memory for `count` elements of `size` bytes each, as allocate(count * size) does.
/// Throws std::bad_array_new_length if that product overflows, and std::bad_alloc.
void* allocate(std::size_t count, std::size_t size);

/// Takes back a block that `allocate(bytes)` gave. Of each size a thread keeps at most as many
/// blocks as it once had out at the same time, counting those that it handed to other threads; the
/// rest goes back to the system.
void deallocate(void* block, std::size_t bytes) noexcept;

/// Hands the memory that the calling thread keeps for reuse back to the system.
void release_cached_memory() noexcept;

/// Bytes that the calling thread keeps for reuse.
std::size_t cached_memory() noexcept;

/// Standard allocator over `allocate` and `deallocate`; named in `Array`, so that no macro of
/// xtensor changes the type.
template <class T>
class Allocator {
 public:
  using value_type = T;  ///< what an allocator is asked for

  Allocator() = default;
  template <class U>
  /// All are equal.
  Allocator(const Allocator<U>&) noexcept {}

  /// Memory for n elements. Throws std::bad_array_new_length or std::bad_alloc.
  T* allocate(std::size_t n) {
    static_assert(alignof(T) <= kAlignment);
    return static_cast<T*>(XGRAD_ABI::allocate(n, sizeof(T)));
  }
  /// Takes back what allocate(n) gave.
  void deallocate(T* p, std::size_t n) noexcept { XGRAD_ABI::deallocate(p, n * sizeof(T)); }

  /// Always: memory of one may be given back to any other.
  template <class U>
  bool operator==(const Allocator<U>&) const noexcept {
    return true;
  }
};

}  // namespace xgrad::inline XGRAD_ABI
