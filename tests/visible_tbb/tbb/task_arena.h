// SPDX-License-Identifier: MIT
#pragma once

namespace tbb::this_task_arena {

/// There are no other tasks that a thread could begin while it waits.
template <class Work>
void isolate(const Work& work) {
  work();
}

}  // namespace tbb::this_task_arena
