// SPDX-License-Identifier: MIT
#include <xgrad/distributed/internal/transport.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>

namespace xgrad::inline XGRAD_ABI::distributed {
namespace {

std::size_t offset_of(const std::vector<std::size_t>& sizes, std::size_t rank) {
  return std::accumulate(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(rank),
                         std::size_t{0});
}

void copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

/// What one process lets the others read during a collective operation.
struct Offer {
  const std::byte* bytes = nullptr;
  const std::vector<std::size_t>* sizes = nullptr;
};

/// What the threads of a world share.
class Room {
 public:
  explicit Room(std::size_t size) : offers(size), inboxes_(size) {}

  /// Waits until all threads have called it. Throws Error if one of them has failed.
  void meet() {
    std::unique_lock lock(mutex_);
    const std::size_t round = round_;
    if (++arrived_ == offers.size()) {
      arrived_ = 0;
      ++round_;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return round_ != round || failed_; });
    if (round_ == round) fail();
  }
  void send(std::size_t to, Message message) {
    const std::scoped_lock lock(mutex_);
    inboxes_[to].push_back(std::move(message));
    changed_.notify_all();
  }
  std::optional<Message> receive(std::size_t rank, bool wait) {
    std::unique_lock lock(mutex_);
    std::deque<Message>& inbox = inboxes_[rank];
    if (wait) changed_.wait(lock, [&] { return !inbox.empty() || failed_; });
    if (inbox.empty() && failed_) fail();
    if (inbox.empty()) return std::nullopt;
    Message message = std::move(inbox.front());
    inbox.pop_front();
    return message;
  }
  /// Keeps the first exception, and ends all waiting.
  void fail_with(std::exception_ptr exception) {
    const std::scoped_lock lock(mutex_);
    if (!failed_) failed_ = std::move(exception);
    changed_.notify_all();
  }
  void rethrow() const {
    if (failed_) std::rethrow_exception(failed_);
  }

  std::vector<Offer> offers;  ///< one per thread; threads read them between two calls of meet()

 private:
  [[noreturn]] static void fail() {
    throw Error("[World] another process of the world has failed");
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  std::size_t round_ = 0;
  std::exception_ptr failed_;
  std::vector<std::deque<Message>> inboxes_;
};

/// A process that is a thread of this program.
class ThreadTransport final : public Transport {
 public:
  ThreadTransport(std::shared_ptr<Room> room, std::size_t rank)
      : room_(std::move(room)), rank_(rank) {}

  int rank() const override { return static_cast<int>(rank_); }
  int size() const override { return static_cast<int>(room_->offers.size()); }

  void all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                  std::span<std::byte> receive,
                  const std::vector<std::size_t>& receive_sizes) override {
    read_offers({send.data(), &send_sizes}, [&](std::size_t from, const Offer& offer) {
      const std::size_t bytes = (*offer.sizes)[rank_];
      require_same("all_to_all", bytes, receive_sizes[from]);
      copy(receive.data() + offset_of(receive_sizes, from),
           offer.bytes + offset_of(*offer.sizes, rank_), bytes);
    });
  }
  void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) override {
    read_offers({all.data(), &sizes}, [&](std::size_t from, const Offer& offer) {
      require_same("all_gather", (*offer.sizes)[from], sizes[from]);
      const std::size_t begin = offset_of(sizes, from);
      if (from != rank_) copy(all.data() + begin, offer.bytes + begin, sizes[from]);
    });
  }
  void send(int to, std::span<const std::byte> bytes) override {
    room_->send(static_cast<std::size_t>(to), {rank(), {bytes.begin(), bytes.end()}});
  }
  std::optional<Message> receive(bool wait) override { return room_->receive(rank_, wait); }

 private:
  static void require_same(const char* operation, std::size_t sent, std::size_t expected) {
    if (sent == expected) return;
    throw Error("[World] " + std::string(operation) + " needs sizes that agree, got " +
                std::to_string(sent) + " and " + std::to_string(expected) + " bytes");
  }
  /// Calls read(rank, offer) for the offer of each process. An exception of `read` is rethrown
  /// after all processes have read, because the offers point to memory of the callers.
  template <class Read>
  void read_offers(Offer own, Read read) {
    room_->offers[rank_] = own;
    room_->meet();
    std::exception_ptr failed;
    try {
      for (std::size_t from = 0; from < room_->offers.size(); ++from) {
        read(from, room_->offers[from]);
      }
    } catch (...) {
      failed = std::current_exception();
    }
    room_->meet();
    if (failed) std::rethrow_exception(failed);
  }

  std::shared_ptr<Room> room_;
  std::size_t rank_;
};

}  // namespace

World World::local() {
  return World(std::make_unique<ThreadTransport>(std::make_shared<Room>(1), 0));
}

void run_as_threads(int size, const std::function<void(World&)>& body) {
  if (size < 1) {
    throw OptionError("[run_as_threads] size must be at least 1, got " + std::to_string(size));
  }
  const auto room = std::make_shared<Room>(static_cast<std::size_t>(size));
  const auto run = [&room, &body](std::size_t rank) {
    try {
      World world(std::make_unique<ThreadTransport>(room, rank));
      body(world);
    } catch (...) {
      room->fail_with(std::current_exception());
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(room->offers.size());
  const auto start = [&](std::size_t rank) {
    try {
      threads.emplace_back(run, rank);
    } catch (const std::system_error& e) {
      throw Error("[run_as_threads] thread " + std::to_string(rank) +
                  " could not be started: " + e.what());
    }
  };
  try {
    for (std::size_t rank = 0; rank < room->offers.size(); ++rank) start(rank);
  } catch (...) {  // The threads that were started do not wait for those that were not.
    room->fail_with(std::current_exception());
  }
  for (std::thread& thread : threads) thread.join();
  room->rethrow();
}

}  // namespace xgrad::inline XGRAD_ABI::distributed
