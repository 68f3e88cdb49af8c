// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI {

/// Sets the number of threads. Large kernels and matrix products are split into at most as many
/// chunks; 1 turns threading off. The default is the number of cores that this process may use, as
/// tbb::info::default_concurrency() counts them: it follows the affinity mask. Neither the arena of
/// the calling thread nor a tbb::global_control of the program changes it. In a build without
/// oneTBB the number is always 1. The last bits of a result depend on this number, but never on
/// timing. It may be set while other threads compute: each product and update reads it once. A
/// child of fork() does not have the threads of the pool: it computes all chunks itself and gets
/// the same bits. Call fork() only while no other thread is inside xgrad. Throws OptionError unless
/// count >= 1.
void set_num_threads(int count);

/// Returns the number of threads that was set, or the default.
int num_threads();

/// A non-owning reference to a callable `void(begin, end)`. Unlike std::function, it never
/// allocates.
class RangeBody {
 public:
  /// Refers to `f`, which must outlive this object.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, RangeBody>) RangeBody(const F& f)
      : object_(&f), call_([](const void* object, std::size_t begin, std::size_t end) {
          (*static_cast<const F*>(object))(begin, end);
        }) {}
  /// Calls the callable with [begin, end).
  void operator()(std::size_t begin, std::size_t end) const { call_(object_, begin, end); }

 private:
  const void* object_;
  void (*call_)(const void*, std::size_t, std::size_t);
};

/// Splits [0, n) into contiguous chunks and calls body(begin, end) for each of them, on several
/// threads. There are at most num_threads() chunks of at least about `grain` elements, split at
/// multiples of `align`. If there is only one chunk, it runs on the calling thread. The chunks
/// depend only on the arguments and num_threads(). The caller also computes chunks that no other
/// thread has started, so it does not wait for busy cores. In a child of fork() the caller computes
/// all chunks, with the same results. Never throws, even if memory runs out. The body must not
/// throw.
void parallel_for(std::size_t n, std::size_t grain, RangeBody body, std::size_t align = 64);

}  // namespace xgrad::inline XGRAD_ABI
