// SPDX-License-Identifier: MIT
#include <xgrad/core/threads.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <atomic>
#include <string>

#if defined(XGRAD_TBB)
#include <dlfcn.h>
#include <pthread.h>

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

std::atomic<bool> lost_threads{false};

// Keeps the plugin that links xgrad in the process, and oneTBB with it, when it is let go: oneTBB's
// threads sleep in its code ever after, and may still be at the end of a task in ours. A program is
// never unloaded; for it this does nothing.
void stay_loaded() {
  Dl_info self;
  if (::dladdr(&requested, &self) != 0) {
    ::dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

// Whether the threads of oneTBB are in this process. A child of fork() has their locks but not
// them: it does the same parts by itself, and comes to the same bits. Asked for at the first use,
// so that a child of a parent without them may have its own.
bool has_threads() {
  static const int watched = [] {
    stay_loaded();
    return ::pthread_atfork(nullptr, nullptr, [] { lost_threads = true; });
  }();
  return watched == 0 && !lost_threads.load(std::memory_order_relaxed);
}

// Calls part(i) for each i below `parts`, on several threads.
template <class Part>
void run_parts(std::size_t parts, Part part) {
  constexpr std::size_t most = 256;
  bool begun[most] = {};
  const std::size_t on_threads = has_threads() ? std::min(parts, most) : 0;
  try {
    // Isolated: while it waits for a part, this thread must not begin an unrelated task of the
    // embedder's, which would see this thread's NoGradGuard.
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
    // oneTBB had no memory for a task; those that it began have ended. Callers have half changed
    // what they work on, and rely on the rest.
  }
  for (std::size_t i = 0; i < parts; ++i) {
    if (i >= most || !begun[i]) part(i);
  }
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
