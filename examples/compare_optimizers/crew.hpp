// SPDX-License-Identifier: MIT
#pragma once

// Shares the runs of a study among the processes of an MPI job. If one of them throws, for lack of
// memory for example, the world ends the others. So none of them is told to end, and none waits.

#include "compare_optimizers/comparison.hpp"

#include <xgrad/distributed.hpp>

namespace compare {

/// Does in rank 0 what ShareRuns requires, with `threads` threads of this process and all other
/// processes. A process gets the next run when it has finished one.
void share(xgrad::distributed::World& world, const std::vector<Settings>& todo, unsigned threads,
           const MakeRun& make, const AddRun& add);

/// Makes runs for rank 0, in a process with another rank, until rank 0 calls dismiss().
void serve(xgrad::distributed::World& world, const MakeRun& make);
/// Ends serve() in all other processes. Rank 0 calls it unless it throws.
void dismiss(xgrad::distributed::World& world);

}  // namespace compare
