// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>

namespace compare {

/// Calls work(0), work(1), ... work(count - 1) on at most `threads` threads. After an exception, no
/// further call starts; the first exception is rethrown after all threads have ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace compare
