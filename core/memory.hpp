// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <new>

namespace xgrad::inline XGRAD_ABI {

/// Every block starts at a multiple of this many bytes: the size of a cache line and of the widest
/// SIMD register.
inline constexpr std::size_t kAlignment = 64;

/// Returns a block of `bytes` bytes at a 64-byte boundary. Reuses a block that the calling thread
/// has freed, if there is one, so that repeated training steps request no memory from the system.
/// Throws std::bad_alloc.
void* allocate(std::size_t bytes);

/// Allocates memory for `count` elements of `size` bytes each, as allocate(count * size) does.
/// Throws std::bad_array_new_length if that product overflows, and std::bad_alloc.
void* allocate(std::size_t count, std::size_t size);

/// Frees a block that `allocate(bytes)` returned, on any thread. Each thread caches freed blocks
/// per size class, up to the largest number of blocks of that class it has ever had in use. Further
/// blocks are returned to the system.
void deallocate(void* block, std::size_t bytes) noexcept;

/// Returns the cached blocks of the calling thread to the system.
void release_cached_memory() noexcept;

/// Returns the number of bytes in the cached blocks of the calling thread.
std::size_t cached_memory() noexcept;

/// A standard allocator that uses `allocate` and `deallocate`. `Array` names it explicitly, so that
/// xtensor's macros cannot change the type.
template <class T>
class Allocator {
 public:
  using value_type = T;  ///< type of the elements

  Allocator() = default;
  /// Converts from the allocator of another type. Allocators have no state.
  template <class U>
  Allocator(const Allocator<U>&) noexcept {}

  /// Returns memory for n elements. Throws std::bad_array_new_length or std::bad_alloc.
  T* allocate(std::size_t n) {
    static_assert(alignof(T) <= kAlignment);
    return static_cast<T*>(XGRAD_ABI::allocate(n, sizeof(T)));
  }
  /// Frees memory that allocate(n) returned.
  void deallocate(T* p, std::size_t n) noexcept { XGRAD_ABI::deallocate(p, n * sizeof(T)); }

  /// Returns true, because any allocator may free the memory of any other.
  template <class U>
  bool operator==(const Allocator<U>&) const noexcept {
    return true;
  }
};

}  // namespace xgrad::inline XGRAD_ABI
