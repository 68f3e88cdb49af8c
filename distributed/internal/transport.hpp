// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/distributed/world.hpp>

namespace xgrad::inline XGRAD_ABI::distributed {

/// How the processes of a World exchange bytes. The members are those of World.
class Transport {
 public:
  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual void all_to_all(std::span<const std::byte> send,
                          const std::vector<std::size_t>& send_sizes, std::span<std::byte> receive,
                          const std::vector<std::size_t>& receive_sizes) = 0;
  virtual void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) = 0;
  virtual void send(int to, std::span<const std::byte> bytes) = 0;
  virtual std::optional<Message> receive(bool wait) = 0;
};

/// Returns the transport of MPI_COMM_WORLD; see World::mpi().
std::unique_ptr<Transport> make_mpi_transport(int& argc, char**& argv);

}  // namespace xgrad::inline XGRAD_ABI::distributed
