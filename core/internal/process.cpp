// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/process.hpp>

#if defined(XGRAD_OPENBLAS)
#include <cblas.h>
#endif
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

namespace xgrad::inline XGRAD_ABI {

namespace {

// An OpenBLAS or a oneDNN built with OpenMP uses the OpenMP setting of the calling thread. Its
// OpenMP library is already loaded, so its functions are looked up by name. Linking OpenMP could
// load a second library.
struct OpenMP {
  int (*get_max_threads)() = [] { return 0; };
  void (*set_num_threads)(int) = [](int) {};
};

const OpenMP& openmp() {
  static const OpenMP functions = [] {
    OpenMP found;
    void* const get = ::dlsym(RTLD_DEFAULT, "omp_get_max_threads");
    void* const set = ::dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (get != nullptr && set != nullptr) {
      found.get_max_threads = reinterpret_cast<int (*)()>(get);
      found.set_num_threads = reinterpret_cast<void (*)(int)>(set);
    }
    return found;
  }();
  return functions;
}

#if defined(XGRAD_OPENBLAS)
static_assert(sizeof(blasint) == sizeof(int), "xgrad needs an OpenBLAS with 32-bit integers");

bool blas_uses_openmp() { return openblas_get_parallel() == OPENBLAS_OPENMP; }
bool blas_has_own_threads() { return openblas_get_parallel() == OPENBLAS_THREAD; }
int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int count) { openblas_set_num_threads(count); }
#else
bool blas_uses_openmp() { return false; }
bool blas_has_own_threads() { return false; }
int blas_threads() { return 1; }
void set_blas_threads(int) {}
#endif

#if defined(XGRAD_ONEDNN)
constexpr bool has_onednn = true;
#else
constexpr bool has_onednn = false;
#endif

// The objects that limit BLAS now, and the number of threads that it had before.
std::mutex limit_mutex;
int limit_holders = 0;
int callers_threads = 1;

}  // namespace

void SingleThreadedBlas::limit() {
  holds_ = true;
  if (has_onednn || blas_uses_openmp()) {
    openmp_threads_ = openmp().get_max_threads();
    openmp().set_num_threads(1);
  }
  if (!blas_has_own_threads()) return;
  const std::lock_guard lock(limit_mutex);
  if (limit_holders++ > 0) return;
  callers_threads = blas_threads();
  if (callers_threads != 1) set_blas_threads(1);
}

void SingleThreadedBlas::restore() const {
  if (openmp_threads_ > 1) openmp().set_num_threads(openmp_threads_);
  if (!blas_has_own_threads()) return;
  const std::lock_guard lock(limit_mutex);
  if (--limit_holders > 0 || callers_threads == 1) return;
  // Keeps the number if the host program has set another one in the meantime.
  if (blas_threads() == 1) set_blas_threads(callers_threads);
}

BlockedSignals::BlockedSignals() {
  sigset_t blocked;
  sigfillset(&blocked);
  // A fault of the program itself would end it without the handler of the host.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
    sigdelset(&blocked, fault);
  }
  pthread_sigmask(SIG_BLOCK, &blocked, &before_);
}

BlockedSignals::~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

namespace {

std::atomic<bool> lost_threads{false};

// Prevents dlclose() from unloading a plugin that contains xgrad, and with it oneTBB. The threads
// of oneTBB stay in oneTBB's code until the process ends, and one may still be finishing a task of
// xgrad. A program is never unloaded, so this has no effect on it.
void stay_loaded() {
  Dl_info self;
  if (::dladdr(&lost_threads, &self) != 0) {
    ::dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace

bool has_pool_threads() {
  static const int watched = [] {
    stay_loaded();
    return ::pthread_atfork(nullptr, nullptr, [] { lost_threads = true; });
  }();
  return watched == 0 && !lost_threads.load(std::memory_order_relaxed);
}

}  // namespace xgrad::inline XGRAD_ABI
