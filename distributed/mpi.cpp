// SPDX-License-Identifier: MIT
// The only file that includes MPI's header.
#include <xgrad/distributed/internal/transport.hpp>

#include <xgrad/core/error.hpp>

#define MPICH_SKIP_MPICXX 1  // the C++ bindings, which MPI-3 removed
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>
#include <thread>

namespace xgrad::inline XGRAD_ABI::distributed {
namespace {

constexpr int kTag = 0;

/// Throws Error if an MPI function has failed.
void require_success(const char* operation, int code) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error("[World] " + std::string(operation) +
              " failed: " + std::string(text, static_cast<std::size_t>(length)));
}

/// MPI counts with int.
int to_int(const char* operation, std::size_t bytes) {
  if (bytes <= static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return static_cast<int>(bytes);
  }
  throw Error("[World] " + std::string(operation) + " exchanges at most 2^31 - 1 bytes, got " +
              std::to_string(bytes));
}

/// Sizes and displacements as MPI takes them.
struct Layout {
  std::vector<int> counts, begins;
  /// Reserves the memory. If set() failed, the other processes would wait for this one.
  void reserve(int processes) {
    counts.reserve(static_cast<std::size_t>(processes));
    begins.reserve(static_cast<std::size_t>(processes));
  }
  void set(const char* operation, const std::vector<std::size_t>& sizes) {
    counts.clear();
    begins.clear();
    std::size_t begin = 0;
    for (const std::size_t size : sizes) {
      counts.push_back(to_int(operation, size));
      begins.push_back(to_int(operation, begin));
      begin += size;
    }
  }
};

/// Ends MPI when the program ends after an error. If all processes end with an error within a
/// second, each of them has reported it. If not, the others wait for this one: aborts the job.
void end_failed_job() {
  MPI_Request all_end = MPI_REQUEST_NULL;
  int have_ended = 0;
  MPI_Ibarrier(MPI_COMM_WORLD, &all_end);
  for (int milliseconds = 0; milliseconds < 1000 && have_ended == 0; ++milliseconds) {
    MPI_Test(&all_end, &have_ended, MPI_STATUS_IGNORE);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (have_ended == 0) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  MPI_Finalize();
}

class MpiTransport final : public Transport {
 public:
  MpiTransport(int& argc, char**& argv) : exceptions_(std::uncaught_exceptions()) {
    int is_initialized = 0, is_finalized = 0, level = MPI_THREAD_SINGLE;
    MPI_Initialized(&is_initialized);
    MPI_Finalized(&is_finalized);
    if (is_finalized != 0) throw Error("[World] MPI was finalised before; create one world only");
    owns_mpi_ = is_initialized == 0;
    if (owns_mpi_) {
      require_success("MPI_Init_thread",
                      MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level));
    }
    // A communicator of its own: messages of the program itself cannot be mixed up with these.
    require_success("MPI_Comm_dup", MPI_Comm_dup(MPI_COMM_WORLD, &comm_));
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
    to_.reserve(size_);
    from_.reserve(size_);
  }
  ~MpiTransport() override {
    if (std::uncaught_exceptions() > exceptions_) {
      // Other processes may wait for this one forever. The program first reports its error.
      if (owns_mpi_) static_cast<void>(std::atexit(end_failed_job));
      return;
    }
    MPI_Comm_free(&comm_);
    if (owns_mpi_) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                  std::span<std::byte> receive,
                  const std::vector<std::size_t>& receive_sizes) override {
    to_.set("all_to_all", send_sizes);
    from_.set("all_to_all", receive_sizes);
    require_success("all_to_all", MPI_Alltoallv(send.data(), to_.counts.data(), to_.begins.data(),
                                                MPI_BYTE, receive.data(), from_.counts.data(),
                                                from_.begins.data(), MPI_BYTE, comm_));
  }
  void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) override {
    from_.set("all_gather", sizes);
    require_success("all_gather",
                    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all.data(),
                                   from_.counts.data(), from_.begins.data(), MPI_BYTE, comm_));
  }
  void send(int to, std::span<const std::byte> bytes) override {
    require_success(
        "send", MPI_Send(bytes.data(), to_int("send", bytes.size()), MPI_BYTE, to, kTag, comm_));
  }
  std::optional<Message> receive(bool wait) override {
    MPI_Status status{};
    int has_arrived = 1, count = 0;
    if (wait) {
      require_success("receive", MPI_Probe(MPI_ANY_SOURCE, kTag, comm_, &status));
    } else {
      require_success("try_receive",
                      MPI_Iprobe(MPI_ANY_SOURCE, kTag, comm_, &has_arrived, &status));
    }
    if (has_arrived == 0) return std::nullopt;
    MPI_Get_count(&status, MPI_BYTE, &count);
    Message message{status.MPI_SOURCE, std::vector<std::byte>(static_cast<std::size_t>(count))};
    require_success("receive", MPI_Recv(message.bytes.data(), count, MPI_BYTE, message.from, kTag,
                                        comm_, MPI_STATUS_IGNORE));
    return message;
  }

 private:
  int exceptions_;  ///< number of exceptions that were in flight at the construction
  bool owns_mpi_ = false;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  Layout to_, from_;
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(int& argc, char**& argv) {
  return std::make_unique<MpiTransport>(argc, argv);
}

}  // namespace xgrad::inline XGRAD_ABI::distributed
