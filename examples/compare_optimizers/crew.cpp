// SPDX-License-Identifier: MIT
#include "compare_optimizers/crew.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace compare {
namespace {

using xgrad::distributed::Message, xgrad::distributed::World;
using namespace std::chrono_literals;

/// Sends a run, or the settings of a run that is to be made. An empty message means that there is
/// none.
void send(World& world, int to, Record record) {
  seal(record.run);
  const std::string line = to_line(record);
  world.send(to, std::as_bytes(std::span(line)));
}

std::optional<Record> record_in(const Message& message) {
  return parse_record({reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size()});
}

}  // namespace

void share(World& world, const std::vector<Settings>& todo, unsigned threads, const MakeRun& make,
           const AddRun& add) {
  std::atomic<std::size_t> next{0};
  std::size_t away = 0;  // runs that other processes make
  const auto give_next = [&](int rank) {
    const std::size_t i = next++;
    if (i >= todo.size()) return;
    send(world, rank, {todo[i], {}});
    ++away;
  };
  for (int rank = 1; rank < world.size(); ++rank) give_next(rank);
  auto own = std::async(std::launch::async, [&] {
    in_parallel(todo.size(), threads, [&](std::size_t) {
      const std::size_t i = next++;
      if (i >= todo.size()) return;
      if (const auto run = make(todo[i])) add({todo[i], *run});
    });
  });
  const auto has_ended = [&] { return own.wait_for(0s) == std::future_status::ready; };
  try {
    while (away > 0 || !has_ended()) {
      if (const auto message = world.try_receive()) {
        --away;
        if (const auto record = record_in(*message)) add(*record);
        if (!has_ended()) give_next(message->from);  // not after an error of this process
      } else {
        std::this_thread::sleep_for(1ms);
      }
    }
  } catch (...) {
    next = todo.size();  // so that no further run starts
    throw;
  }
  own.get();
}

void serve(World& world, const MakeRun& make) {
  while (const std::optional<Record> task = record_in(world.receive())) {
    const std::optional<Run> run = make(task->settings);
    run ? send(world, 0, {task->settings, *run}) : world.send(0, {});
  }
}

void dismiss(World& world) {
  for (int rank = 1; rank < world.size(); ++rank) world.send(rank, {});
}

}  // namespace compare
