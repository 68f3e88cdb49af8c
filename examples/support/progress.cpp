// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

Progress::Progress(std::size_t total) : total_(total), terminal_(isatty(STDOUT_FILENO) != 0) {
  begin();
}

void Progress::begin() { start_ = drawn_ = Clock::now(); }

void Progress::step(std::size_t done, double loss) {
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  constexpr std::size_t width = 30;
  const double part = static_cast<double>(done) / static_cast<double>(total_);
  const std::chrono::duration<double> elapsed = now - start_;
  const std::size_t full = done * width / total_;
  std::printf("\r[%s%s] %3.0f %%  loss %.4f  %.0f s left \033[K", std::string(full, '=').c_str(),
              std::string(width - full, ' ').c_str(), 100 * part, loss,
              elapsed.count() * (1 - part) / part);
  std::fflush(stdout);
}

void Progress::clear() {
  if (terminal_) std::printf("\r\033[K");
}
