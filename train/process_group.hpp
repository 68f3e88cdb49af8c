// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/error.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Thrown by each process that has not failed itself when another process of the group has failed.
/// A program need not print it: the process that has failed reports its own error.
struct OtherProcessError : Error {
  using Error::Error;
};

/// Processes that train one model together. distributed::World implements it.
///
/// All processes must call the same functions in the same order, with sizes that agree. Each
/// function returns when this process has its result. Throws Error, with the name of the operation,
/// if the transport fails.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  virtual ~ProcessGroup() = default;
  /// Returns the number of this process, from 0.
  virtual int rank() const = 0;
  /// Returns the number of processes.
  virtual int size() const = 0;

  /// Sends a part of `send` to each process, and writes what each of them sends to `receive`. The
  /// parts lie one after the other, in the order of the ranks. `send_sizes` and `receive_sizes`
  /// contain their numbers of bytes.
  virtual void all_to_all(std::span<const std::byte> send,
                          const std::vector<std::size_t>& send_sizes, std::span<std::byte> receive,
                          const std::vector<std::size_t>& receive_sizes) = 0;

  /// Copies the part of each process to all processes. `all` contains the parts one after the
  /// other, in the order of the ranks, and `sizes` contains their numbers of bytes. Before the
  /// call, only the part of this process has its values.
  virtual void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) = 0;

 protected:
  ProcessGroup(const ProcessGroup&) = default;             ///< Refers to the same processes.
  ProcessGroup& operator=(const ProcessGroup&) = default;  ///< Refers to the same processes.
};

}  // namespace xgrad::inline XGRAD_ABI::train
