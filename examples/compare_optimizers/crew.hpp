// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/comparison.hpp"

#include <xgrad/distributed.hpp>

namespace compare {

/// The processes of an MPI job, which share the runs of a study. Only rank 0 creates one.
class Crew {
 public:
  explicit Crew(xgrad::distributed::World& world);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  ///< Ends the loops of serve() in the other processes.

  /// Does what ShareRuns requires, with `threads` threads of this process and all other processes.
  /// A process gets the next run when it has finished one.
  void work(const std::vector<Settings>& todo, unsigned threads, const MakeRun& make,
            const AddRun& add);

 private:
  xgrad::distributed::World& world_;
  std::vector<int> idle_{};  // ranks that have finished their runs
};

/// Makes runs for rank 0, in a process with another rank, until the study is complete.
void serve(xgrad::distributed::World& world, const MakeRun& make);

}  // namespace compare
