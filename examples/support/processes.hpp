// SPDX-License-Identifier: MIT
#pragma once

// The processes of a program that may have been started by mpirun.

#include <xgrad/train/process_group.hpp>

#include <memory>

/// Returns the processes that mpirun has started, or nullptr if it has not started this program.
/// Throws OptionError if it has, but the program was built without MPI.
std::unique_ptr<xgrad::train::ProcessGroup> make_world(int& argc, char**& argv);
