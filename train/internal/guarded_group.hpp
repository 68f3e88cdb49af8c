// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/process_group.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// A process group that never hangs because one process has left it. Before each operation, the
/// processes exchange one byte, by which a process says that it has failed. Without a group, it is
/// a group of one process.
class GuardedGroup final : public ProcessGroup {
 public:
  explicit GuardedGroup(ProcessGroup* group);

  int rank() const override { return group_ != nullptr ? group_->rank() : 0; }
  int size() const override { return group_ != nullptr ? group_->size() : 1; }

  /// Returns whether a process has passed `stop`. Throws OtherProcessError if a process has called
  /// leave(). Allocates no memory unless it throws.
  bool agree(bool stop);
  /// Tells the other processes that this one has failed. Their next operation throws an error with
  /// the beginning of this text. Does nothing if the others cannot be told. Allocates no memory.
  void leave(std::string_view text) noexcept;

  void all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                  std::span<std::byte> receive,
                  const std::vector<std::size_t>& receive_sizes) override;
  void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) override;

  /// Calls operation(group) without the exchange of a byte. For operations right after agree(), so
  /// that no process can have failed in between. No memory may be allocated in between either,
  /// because an allocation can fail.
  template <class Operation>
  void run(Operation operation) {
    has_left_ = true;  // if the transport throws, the others must not be told anything any more
    operation(*group_);
    has_left_ = false;
  }
  /// Copies the texts of all processes to all processes.
  std::vector<std::string> all_texts(const std::string& own);

 private:
  enum class Word : unsigned char { go_on, stop, failed };
  /// Exchanges one word. Returns the largest one.
  Word exchange(Word own);
  /// Exchanges why processes have failed. Each process has kReason bytes, padded with zeros.
  void exchange_reasons(std::string_view own);

  ProcessGroup* group_;
  bool has_left_ = false;  ///< whether an operation was not completed: the others do not wait
  std::vector<Word> words_{};
  std::string reasons_{};
  /// For each process, the number of bytes of its word and of its reason.
  std::vector<std::size_t> word_sizes_{}, reason_sizes_{};
};

}  // namespace xgrad::inline XGRAD_ABI::train
