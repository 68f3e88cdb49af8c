// SPDX-License-Identifier: MIT
#include "distributed/world_checks.hpp"

#include <xgrad/core/error.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace xgrad::test {
namespace {

TEST(WorldTest, TheLocalWorldIsOneProcess) {
  auto world = distributed::World::local();
  EXPECT_EQ(world.rank(), 0);
  EXPECT_EQ(world.size(), 1);
  check_world(world);
}

TEST(WorldTest, TheLocalWorldReceivesItsOwnMessages) {
  auto world = distributed::World::local();
  EXPECT_FALSE(world.try_receive());
  std::vector<int> numbers{1, 2};
  world.send(0, bytes_of(numbers));
  EXPECT_EQ(world.receive().bytes.size(), 2 * sizeof(int));
}

TEST(WorldTest, ThreadsExchangeAsProcessesDo) {
  for (const int size : {1, 2, 3, 8}) {
    std::atomic<int> ranks{0};
    distributed::run_as_threads(size, [&](distributed::World& world) {
      EXPECT_EQ(world.size(), size);
      ranks += world.rank() + 1;
      check_world(world);
    });
    EXPECT_EQ(ranks, size * (size + 1) / 2);
  }
}

TEST(WorldTest, AThreadThatThrowsEndsTheWaitingOfTheOthers) {
  for (const bool waits_for_message : {false, true}) {
    std::atomic<int> failed{0};
    const auto body = [&](distributed::World& world) {
      if (world.rank() == 1) throw DataError("no more data");
      try {
        waits_for_message ? static_cast<void>(world.receive()) : check_all_to_all(world);
      } catch (const Error&) {
        ++failed;
      }
    };
    EXPECT_THROW(distributed::run_as_threads(3, body), DataError);
    EXPECT_EQ(failed, 2);
  }
}

TEST(WorldTest, AMessageThatArrivedBeforeAFailureIsReceived) {
  std::size_t received = 0;
  const auto body = [&](distributed::World& world) {
    std::vector<std::byte> bytes(2);
    if (world.rank() == 1) {
      world.send(0, bytes);
      throw DataError("no more data");
    }
    EXPECT_THROW(world.all_gather(bytes, {1, 1}), Error);  // waits for the failure
    received = world.receive().bytes.size();
    world.receive();
  };
  // The error of process 0 comes later.
  EXPECT_THROW(distributed::run_as_threads(2, body), DataError);
  EXPECT_EQ(received, 2u);
}

TEST(WorldTest, SizesThatDoNotFitAreRefused) {
  auto world = distributed::World::local();
  std::vector<std::byte> bytes(8);
  EXPECT_THROW(world.all_gather(bytes, {7}), Error);
  EXPECT_THROW(world.all_gather(bytes, {4, 4}), Error);
  EXPECT_THROW(world.all_to_all(bytes, {8}, bytes, {4}), Error);
  EXPECT_THROW(world.send(1, bytes), OptionError);
  EXPECT_THROW(world.send(-1, bytes), OptionError);
  EXPECT_THROW(distributed::run_as_threads(0, [](distributed::World&) {}), OptionError);
}

TEST(WorldTest, SizesThatDoNotAgreeAreRefused) {
  const auto body = [](distributed::World& world) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(world.rank()) + 1);
    world.all_gather(bytes, {0, bytes.size()});
  };
  EXPECT_THROW(distributed::run_as_threads(2, body), Error);
  const auto exchange = [](distributed::World& world) {
    std::vector<std::byte> sent(2), received(static_cast<std::size_t>(world.rank()) + 2);
    world.all_to_all(sent, {1, 1}, received, {1, received.size() - 1});
  };
  EXPECT_THROW(distributed::run_as_threads(2, exchange), Error);
}

}  // namespace
}  // namespace xgrad::test
