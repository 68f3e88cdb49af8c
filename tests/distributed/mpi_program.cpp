// SPDX-License-Identifier: MIT
// The program that mpi_test.cpp starts with mpirun: `mpi_program COMMAND`.
#include "distributed/world_checks.hpp"

#include <exception>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  using namespace xgrad;
  try {
    auto world = distributed::World::mpi(argc, argv);
    const std::string command = argc > 1 ? argv[1] : "";
    if (command == "exchange") test::check_world(world);
    if (command == "throw" && world.rank() == 1) throw std::runtime_error("this rank has failed");
    if (command == "throw") test::check_all_gather(world);  // waits for the other rank
    if (world.rank() == 0) std::cout << world.size() << " processes\n";
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "mpi_program: " << e.what() << std::endl;
    return 1;
  }
}
