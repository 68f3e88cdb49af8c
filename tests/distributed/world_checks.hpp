// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/distributed.hpp>

#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace xgrad::test {

inline void require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

inline std::span<std::byte> bytes_of(std::vector<int>& numbers) {
  return std::as_writable_bytes(std::span(numbers));
}

/// Exchanges r + q + 1 numbers between the ranks r and q, each of which names both.
inline void check_all_to_all(distributed::World& world) {
  const int size = world.size(), rank = world.rank();
  std::vector<int> send, expected;
  std::vector<std::size_t> sizes;
  for (int other = 0; other < size; ++other) {
    const auto count = static_cast<std::size_t>(rank + other + 1);
    send.insert(send.end(), count, 100 * rank + other);
    expected.insert(expected.end(), count, 100 * other + rank);
    sizes.push_back(count * sizeof(int));
  }
  std::vector<int> receive(expected.size(), -1);
  world.all_to_all(bytes_of(send), sizes, bytes_of(receive), sizes);
  require(receive == expected, "all_to_all");
}

/// Gathers r numbers from each rank r, so that the part of rank 0 is empty.
inline void check_all_gather(distributed::World& world) {
  std::vector<int> expected, all;
  std::vector<std::size_t> sizes;
  for (int from = 0; from < world.size(); ++from) {
    const auto count = static_cast<std::size_t>(from);
    expected.insert(expected.end(), count, from);
    all.insert(all.end(), count, from == world.rank() ? from : -1);
    sizes.push_back(count * sizeof(int));
  }
  world.all_gather(bytes_of(all), sizes);
  require(all == expected, "all_gather");
}

/// Each rank sends two messages to rank 0, which answers the second one.
inline void check_messages(distributed::World& world) {
  if (world.rank() > 0) {
    for (int part = 0; part < 2; ++part) {
      std::vector<int> question(static_cast<std::size_t>(world.rank()), part);
      world.send(0, bytes_of(question));
    }
    const distributed::Message answer = world.receive();
    require(answer.from == 0 && answer.bytes.empty(), "answer");
    return;
  }
  std::vector<int> parts(static_cast<std::size_t>(world.size()), 0);
  for (int i = 0; i < 2 * (world.size() - 1); ++i) {
    std::optional<distributed::Message> message;
    while (!message) message = i % 2 == 0 ? world.try_receive() : world.receive();
    const auto from = static_cast<std::size_t>(message->from);
    int part = -1;
    require(message->bytes.size() == from * sizeof(int), "size of the question");
    std::memcpy(&part, message->bytes.data(), sizeof part);
    require(part == parts[from]++, "order of the questions");
    if (part == 1) world.send(message->from, {});
  }
  require(!world.try_receive(), "no message is left");
}

inline void check_world(distributed::World& world) {
  for (int round = 0; round < 20; ++round) {
    check_all_to_all(world);
    check_all_gather(world);
    check_messages(world);
  }
}

}  // namespace xgrad::test
