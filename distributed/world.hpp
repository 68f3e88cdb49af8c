// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/process_group.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

/// Training on several processes and machines.
namespace xgrad::inline XGRAD_ABI::distributed {

class Transport;

/// A message from one process to another.
struct Message {
  int from = 0;                    ///< rank of the sender
  std::vector<std::byte> bytes{};  ///< contents
};

/// The processes of a job:
///
///     auto world = distributed::World::mpi(argc, argv);
///     train::fit(model, optimizer, loader, {.epochs = 10, .shards = 8, .world = &world});
///
/// All functions must be called by the thread that created the object.
class World final : public train::ProcessGroup {
 public:
  /// Creates a world of one process, without MPI.
  static World local();
  /// Creates the world of all processes that mpirun has started. Initialises MPI if the program has
  /// not, and then finalises it in the destructor. If an exception leaves the scope of the world,
  /// other processes may wait for this one. The end of the program then aborts the job, after the
  /// program has reported its error, unless all processes end within a second. Throws Error if MPI
  /// cannot be initialised.
  static World mpi(int& argc, char**& argv);
  World(World&& other) noexcept;             ///< Moves the world. `other` must not be used then.
  World& operator=(World&& other) noexcept;  ///< Moves the world.
  ~World() override;

  int rank() const override;
  int size() const override;
  void all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                  std::span<std::byte> receive,
                  const std::vector<std::size_t>& receive_sizes) override;
  void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) override;

  /// Sends a message to one process. It may return before the message is received, but the
  /// receiver must receive it at some time. Messages of one sender arrive in their order.
  void send(int to, std::span<const std::byte> bytes);
  /// Waits for a message from any process and returns it.
  Message receive();
  /// Returns a message that has arrived, or nullopt.
  std::optional<Message> try_receive();

 private:
  friend void run_as_threads(int size, const std::function<void(World&)>& body);
  explicit World(std::unique_ptr<Transport> transport);
  std::unique_ptr<Transport> transport_;
};

/// Calls body(world) on `size` threads, which are the processes of a world. Tests use it: all
/// processes are in one program. If a body throws, the functions of the other worlds throw Error.
/// Throws the first exception after all threads have ended, and Error if a thread cannot be
/// started.
void run_as_threads(int size, const std::function<void(World&)>& body);

}  // namespace xgrad::inline XGRAD_ABI::distributed
