// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI {

/// Sets into how many parts large kernels and matrix products are split, for as many threads; 1
/// turns threading off. The default is the number of cores that this process may use, as
/// tbb::info::default_concurrency() counts them: it follows the affinity mask, and neither the
/// arena of the calling thread nor a tbb::global_control of the program changes it. It is always 1
/// in a build without oneTBB. Results depend on this number in the last bits, never on timing. It
/// may be set while other threads compute: each product and update is split by the number of its
/// moment. A child of fork() has no threads of the pool: it does all parts itself, to the same
/// bits. Fork while no other thread is inside xgrad. Throws OptionError unless count >= 1.
void set_num_threads(int count);

/// The number set, or the default.
int num_threads();

/// A non-owning reference to a callable `void(begin, end)`: what a loop needs for its body, without
/// the allocation of std::function.
class RangeBody {
 public:
  /// Refers to f, which must outlive this.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, RangeBody>) RangeBody(const F& f)
      : object_(&f), call_([](const void* object, std::size_t begin, std::size_t end) {
          (*static_cast<const F*>(object))(begin, end);
        }) {}
  /// Calls it.
  void operator()(std::size_t begin, std::size_t end) const { call_(object_, begin, end); }

 private:
  const void* object_;
  void (*call_)(const void*, std::size_t, std::size_t);
};

/// Calls body(begin, end) on contiguous parts of [0, n): one part for each thread, split at
/// multiples of `align`, on as many threads as leave each at least `grain` of the range; inline
/// where that is one. The split depends on n and num_threads() only; a part that no other thread
/// has begun is done by the caller, so a busy machine costs no waiting. In a child of fork() the
/// caller does all parts, with the same results. Throws nothing, also where memory is short; the
/// body must not throw.
void parallel_for(std::size_t n, std::size_t grain, RangeBody body, std::size_t align = 64);

}  // namespace xgrad::inline XGRAD_ABI
