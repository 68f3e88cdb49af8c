// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI {

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
/// all chunks, with the same results. Does not throw if memory runs out. If the body throws, one of
/// its exceptions is thrown after all chunks have ended.
void parallel_for(std::size_t n, std::size_t grain, RangeBody body, std::size_t align = 64);

}  // namespace xgrad::inline XGRAD_ABI
