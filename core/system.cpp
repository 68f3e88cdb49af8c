// SPDX-License-Identifier: MIT
#include <xgrad/core/system.hpp>

#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/machine.hpp>
#include <xgrad/core/log.hpp>
#include <xgrad/core/threads.hpp>

#include <atomic>

namespace xgrad::inline XGRAD_ABI {
namespace {

void warn_of_slow_blas() {
#if defined(XGRAD_OPENBLAS)
  const std::string simd = simd_name();
  if (!blas_name().ends_with("Prescott") || simd == "SSE2") return;
  log_message(LogLevel::warning,
              "[blas] OpenBLAS does not know this processor and uses slow kernels (Prescott); set "
              "OPENBLAS_CORETYPE=" +
                  std::string(simd == "AVX-512" ? "SkylakeX" : "Haswell") + " for fast ones");
#else
  log_message(LogLevel::warning,
              "[blas] the BLAS is not OpenBLAS; the reference BLAS is some fifty times slower");
#endif
}

void log_machine() {
  log_message(LogLevel::debug, [] { return "[simd] the kernels use " + simd_name(); });
  log_message(LogLevel::debug, [] { return "[blas] " + blas_name(); });
  log_message(LogLevel::debug, [] {
    const int threads = num_threads();
    return "[threads] " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  });
  if (is_logged(LogLevel::warning)) warn_of_slow_blas();
#if defined(XGRAD_TBB_MISSING)
  log_message(LogLevel::warning,
              "[threads] xgrad was built without oneTBB, so everything runs on one thread");
#endif
}

}  // namespace

std::string version() { return XGRAD_VERSION; }

std::string simd_name() { return kernels().name; }

void log_machine_once() noexcept {
  static std::atomic<bool> is_done{false};
  if (is_done.load(std::memory_order_relaxed) || is_done.exchange(true)) return;
  try {
    log_machine();
  } catch (...) {  // no product fails for a message
  }
}

}  // namespace xgrad::inline XGRAD_ABI
