// SPDX-License-Identifier: MIT
// Shares the runs of a study among the processes of an MPI job.
#include "compare_optimizers/crew.hpp"

#include <atomic>
#include <future>

namespace compare {
namespace {

using xgrad::distributed::Message, xgrad::distributed::World;

void send(World& world, int to, const std::string& text) {
  world.send(to, std::as_bytes(std::span(text)));
}

std::string_view text_in(const Message& message) {
  return {reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size()};
}

/// Returns the record as a line without its end.
std::string message_of(Record record) {
  seal(record.run);
  std::string line = to_line(record);
  line.pop_back();
  return line;
}

}  // namespace

void serve(World& world, const MakeRun& make) {
  send(world, 0, "ready");
  for (;;) {
    const Message message = world.receive();
    const std::optional<Record> task = parse_record(text_in(message));
    if (!task) return;  // rank 0 says that the study is complete
    const std::optional<Run> run = make(task->settings);
    send(world, 0, run ? message_of({task->settings, *run}) : "stopped");
  }
}

Crew::Crew(World& world) : world_(world) { idle_.reserve(static_cast<std::size_t>(world.size())); }

Crew::~Crew() {
  try {
    for (int left = world_.size() - 1 - static_cast<int>(idle_.size()); left > 0; --left) {
      idle_.push_back(world_.receive().from);
    }
    for (const int rank : idle_) send(world_, rank, "end");
  } catch (...) {  // The end of this process ends the job.
  }
}

void Crew::work(const std::vector<Settings>& todo, unsigned threads, const MakeRun& make,
                const AddRun& add) {
  std::atomic<std::size_t> next{0};
  std::size_t away = 0;
  // A process stays idle until its run was sent: the destructor waits for all that are not idle.
  const auto give = [&] {
    while (!idle_.empty()) {
      const std::size_t i = next++;
      if (i >= todo.size()) return;
      send(world_, idle_.back(), message_of({todo[i], {}}));
      idle_.pop_back();
      ++away;
    }
  };
  auto own = std::async(std::launch::async, [&] {
    in_parallel(threads, threads, [&](std::size_t) {
      for (std::size_t i = next++; i < todo.size(); i = next++) {
        if (const auto run = make(todo[i])) add({todo[i], *run});
      }
    });
  });
  const auto is_done = [&] {
    return away == 0 && own.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
  };
  try {
    give();
    while (!is_done()) {
      for (auto message = world_.try_receive(); message; message = world_.try_receive()) {
        if (text_in(*message) != "ready") --away;
        idle_.push_back(message->from);
        if (const auto record = parse_record(text_in(*message))) add(*record);
        give();
      }
    }
  } catch (...) {
    next = todo.size();  // so that no further run starts
    throw;
  }
  own.get();
}

}  // namespace compare
