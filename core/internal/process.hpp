// SPDX-License-Identifier: MIT
#pragma once

// What xgrad does about its surroundings in the process: the thread pools of BLAS and of oneDNN,
// signals, fork() and dlclose().

#include <xgrad/core/config.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <csignal>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI {

/// Sets BLAS and oneDNN to one thread while xgrad computes a product on this thread, because two
/// thread pools on the same cores slow each other down. The destructor of the last such object
/// restores the caller's setting. A product that BLAS would not split changes nothing, because
/// models that train in two threads would otherwise wait for a lock.
class SingleThreadedBlas {
 public:
  explicit SingleThreadedBlas(std::size_t multiply_adds) {
    if (multiply_adds > tuning::kUnsplitByBlas) limit();
  }
  ~SingleThreadedBlas() {
    if (holds_) restore();
  }
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;

 private:
  void limit();
  void restore() const;
  int openmp_threads_ = 1;  // the caller's setting, if BLAS or oneDNN uses OpenMP
  bool holds_ = false;
};

/// Blocks the signals of this thread, except those of faults, while oneDNN computes a product on
/// it. If the product needs a large buffer, oneDNN moves the stack pointer into a block of the
/// heap. A signal handler, which runs on the stack, would then overwrite the memory in front of
/// that block. The destructor restores the signal mask, and the system delivers the signals that
/// have arrived.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals();
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

/// Returns whether this process has the threads of oneTBB. A child of fork() inherits their locks
/// but not the threads. The first call registers a handler for fork(), so that the child of a
/// parent that never used the pool can start threads of its own. It also prevents dlclose() from
/// unloading a plugin that contains xgrad.
bool has_pool_threads();

}  // namespace xgrad::inline XGRAD_ABI
