// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

/// A bar with the time left, redrawn in place on a terminal; nothing where the output is a file or
/// a pipe.
class Progress {
 public:
  explicit Progress(std::size_t total);
  /// Call after each step of the epoch that began with `begin`; draws at most ten times a second.
  void step(std::size_t done, double loss);
  void begin();
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t total_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point drawn_;
};
