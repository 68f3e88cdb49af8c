// SPDX-License-Identifier: MIT
#include <xgrad/core/threads.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/process.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>

#if defined(XGRAD_TBB)
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace xgrad::inline XGRAD_ABI {
namespace {

// The cores of the process, not the slots of the arena that the calling thread happens to be in.
int default_threads() {
#if defined(XGRAD_TBB)
  static const int cores = tbb::info::default_concurrency();
  return cores;
#else
  return 1;
#endif
}

std::atomic<int> requested{0};  // 0: the default

#if defined(XGRAD_TBB)

// Calls compute(i) for each i below `parts`, on several threads. A part is the chunk of one thread.
// Then throws an exception that one of these calls has thrown, if there is one.
template <class Compute>
void run_parts(std::size_t parts, Compute compute) {
  constexpr std::size_t most = 256;
  bool begun[most] = {};
  std::mutex mutex;  // protects `error`
  std::exception_ptr error;
  const auto part = [&](std::size_t i) noexcept {
    try {
      compute(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  };
  const std::size_t on_threads = has_pool_threads() ? std::min(parts, most) : 0;
  try {
    // Isolated, because while this thread waits for a chunk, it must not start an unrelated task of
    // the host program: that task would see the NoGradGuard of this thread.
    if (on_threads > 0) {
      tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(
            std::size_t{0}, on_threads,
            [&](std::size_t i) {
              begun[i] = true;
              part(i);
            },
            tbb::simple_partitioner());
      });
    }
  } catch (...) {
    // oneTBB had no memory for a task. The tasks that it started have ended. The output is partly
    // written, so the remaining chunks must be computed here.
  }
  for (std::size_t i = 0; i < parts; ++i) {
    if (i >= most || !begun[i]) part(i);
  }
  if (error) std::rethrow_exception(error);
}

#endif

}  // namespace

void set_num_threads(int count) {
  if (count < 1) {
    throw OptionError("[set_num_threads] the number of threads must be at least 1, got " +
                      std::to_string(count));
  }
#if defined(XGRAD_TBB)
  requested.store(count, std::memory_order_relaxed);
#endif
}

int num_threads() {
  const int count = requested.load(std::memory_order_relaxed);
  return count > 0 ? count : default_threads();
}

void parallel_for(std::size_t n, std::size_t grain, RangeBody body, std::size_t align) {
  if (n == 0) return;
#if defined(XGRAD_TBB)
  const std::size_t most = n / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min(most, static_cast<std::size_t>(num_threads()));
  if (parts > 1) {
    const std::size_t units = (n + align - 1) / align;
    const auto begin_of = [&](std::size_t part) {
      return std::min(n, units * part / parts * align);
    };
    run_parts(parts, [&](std::size_t part) {
      const std::size_t begin = begin_of(part), end = begin_of(part + 1);
      if (begin < end) body(begin, end);
    });
    return;
  }
#else
  static_cast<void>(grain);
  static_cast<void>(align);
#endif
  body(0, n);
}

}  // namespace xgrad::inline XGRAD_ABI
