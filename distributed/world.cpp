// SPDX-License-Identifier: MIT
#include <xgrad/distributed/internal/transport.hpp>

#include <xgrad/core/error.hpp>

#include <numeric>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::distributed {
namespace {

void require_sizes(const char* operation, std::size_t bytes, const std::vector<std::size_t>& sizes,
                   int processes) {
  const std::size_t sum = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  if (sizes.size() == static_cast<std::size_t>(processes) && sum == bytes) return;
  throw Error("[World] " + std::string(operation) + " needs one size for each of the " +
              std::to_string(processes) + " processes, with the sum " + std::to_string(bytes) +
              ", got " + std::to_string(sizes.size()) + " sizes with the sum " +
              std::to_string(sum));
}

}  // namespace

World::World(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}
World::World(World&& other) noexcept = default;
World& World::operator=(World&& other) noexcept = default;
World::~World() = default;

World World::mpi(int& argc, char**& argv) { return World(make_mpi_transport(argc, argv)); }

int World::rank() const { return transport_->rank(); }
int World::size() const { return transport_->size(); }

void World::all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                       std::span<std::byte> receive,
                       const std::vector<std::size_t>& receive_sizes) {
  require_sizes("all_to_all", send.size(), send_sizes, size());
  require_sizes("all_to_all", receive.size(), receive_sizes, size());
  transport_->all_to_all(send, send_sizes, receive, receive_sizes);
}

void World::all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) {
  require_sizes("all_gather", all.size(), sizes, size());
  transport_->all_gather(all, sizes);
}

void World::send(int to, std::span<const std::byte> bytes) {
  if (to < 0 || to >= size()) {
    throw OptionError("[World] send needs a rank below " + std::to_string(size()) + ", got " +
                      std::to_string(to));
  }
  transport_->send(to, bytes);
}

Message World::receive() { return *transport_->receive(true); }

std::optional<Message> World::try_receive() { return transport_->receive(false); }

}  // namespace xgrad::inline XGRAD_ABI::distributed
