// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

namespace xgrad::inline XGRAD_ABI {

/// Sets the number of threads. Large kernels and matrix products are split into at most as many
/// chunks; 1 turns threading off. The default is the number of cores that this process may use, as
/// tbb::info::default_concurrency() counts them: it follows the affinity mask. Neither the arena of
/// the calling thread nor a tbb::global_control of the program changes it. In a build without
/// oneTBB the number is always 1. The last bits of a result depend on this number, but never on
/// timing. It may be set while other threads compute: each product and update reads it once. A
/// child of fork() does not have the threads of the pool: it computes all chunks itself and gets
/// the same bits. Call fork() only while no other thread is inside xgrad. Throws OptionError unless
/// count >= 1.
void set_num_threads(int count);

/// Returns the number of threads that was set, or the default.
int num_threads();

}  // namespace xgrad::inline XGRAD_ABI
