// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>

namespace compare {

/// Calls work(0), work(1), ... work(count - 1) from several threads. After an error nothing more
/// begins; the first one is thrown once all threads have ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace compare
