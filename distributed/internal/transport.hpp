// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/distributed/world.hpp>

namespace xgrad::inline XGRAD_ABI::distributed {

/// How the processes of a World exchange bytes and messages.
class Transport : public train::ProcessGroup {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  virtual void send(int to, std::span<const std::byte> bytes) = 0;
  virtual std::optional<Message> receive(bool wait) = 0;
};

/// Returns the transport of MPI_COMM_WORLD; see World::mpi().
std::unique_ptr<Transport> make_mpi_transport(int& argc, char**& argv);

}  // namespace xgrad::inline XGRAD_ABI::distributed
