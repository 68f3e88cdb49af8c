// SPDX-License-Identifier: MIT
#include "processes.hpp"

#include "program.hpp"

#include <xgrad/core/error.hpp>
#ifdef XGRAD_HAS_MPI
#include <xgrad/distributed.hpp>
#endif

std::unique_ptr<xgrad::train::ProcessGroup> make_world([[maybe_unused]] int& argc,
                                                       [[maybe_unused]] char**& argv) {
  if (!is_under_mpirun()) return nullptr;
#ifdef XGRAD_HAS_MPI
  using xgrad::distributed::World;
  return std::make_unique<World>(World::mpi(argc, argv));
#else
  throw xgrad::OptionError("mpirun has started this program, but it was built without MPI");
#endif
}
