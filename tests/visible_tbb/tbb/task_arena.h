// SPDX-License-Identifier: MIT
#pragma once

#include <thread>

namespace tbb::this_task_arena {

inline int max_concurrency() { return static_cast<int>(std::thread::hardware_concurrency()); }

/// There are no other tasks that a thread could begin while it waits.
template <class Work>
void isolate(const Work& work) {
  work();
}

}  // namespace tbb::this_task_arena
