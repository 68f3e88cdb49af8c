// SPDX-License-Identifier: MIT
#include "processes.hpp"

#include <xgrad/core/error.hpp>
#ifdef XGRAD_HAS_MPI
#include <xgrad/distributed.hpp>
#endif

#include <cstdlib>

std::unique_ptr<xgrad::train::ProcessGroup> make_world([[maybe_unused]] int& argc,
                                                       [[maybe_unused]] char**& argv) {
  // Open MPI, MPICH and its relatives, and Slurm set these variables.
  bool is_job = false;
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"}) {
    is_job = is_job || std::getenv(name) != nullptr;
  }
  if (!is_job) return nullptr;
#ifdef XGRAD_HAS_MPI
  using xgrad::distributed::World;
  return std::make_unique<World>(World::mpi(argc, argv));
#else
  throw xgrad::OptionError("mpirun has started this program, but it was built without MPI");
#endif
}
