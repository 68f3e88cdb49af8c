// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/guarded_group.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// Length of the part of an error message that the other processes report.
constexpr std::size_t kReason = 1000;

}  // namespace

GuardedGroup::GuardedGroup(ProcessGroup* group) : group_(group) {
  if (group == nullptr) return;
  const auto processes = static_cast<std::size_t>(group->size());
  words_.resize(processes);
  reasons_.resize(processes * kReason);
  word_sizes_.assign(processes, sizeof(Word));
  reason_sizes_.assign(processes, kReason);
}

GuardedGroup::Word GuardedGroup::exchange(Word own) {
  words_[static_cast<std::size_t>(rank())] = own;
  run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(words_)), word_sizes_);
  });
  return *std::max_element(words_.begin(), words_.end());
}

void GuardedGroup::exchange_reasons(std::string_view own) {
  std::fill(reasons_.begin(), reasons_.end(), '\0');
  own.copy(reasons_.data() + static_cast<std::size_t>(rank()) * kReason, kReason - 1);
  run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(reasons_.data(), reasons_.size())),
                     reason_sizes_);
  });
}

bool GuardedGroup::agree(bool stop) {
  if (group_ == nullptr) return stop;
  const Word word = exchange(stop ? Word::stop : Word::go_on);
  if (word != Word::failed) return word == Word::stop;
  exchange_reasons("");
  has_left_ = true;
  const auto rank = std::find(words_.begin(), words_.end(), Word::failed) - words_.begin();
  const char* const reason = reasons_.data() + static_cast<std::size_t>(rank) * kReason;
  throw OtherProcessError("[fit] process " + std::to_string(rank) + " has failed: " + reason);
}

void GuardedGroup::leave(std::string_view text) noexcept {
  if (group_ == nullptr || std::exchange(has_left_, true)) return;
  try {
    exchange(Word::failed);
    exchange_reasons(text);
  } catch (...) {  // The transport fails too. The end of the program ends the job.
  }
  has_left_ = true;
}

void GuardedGroup::all_to_all(std::span<const std::byte> send,
                              const std::vector<std::size_t>& send_sizes,
                              std::span<std::byte> receive,
                              const std::vector<std::size_t>& receive_sizes) {
  if (group_ == nullptr) {
    std::copy(send.begin(), send.end(), receive.begin());
    return;
  }
  agree(false);
  run([&](ProcessGroup& group) { group.all_to_all(send, send_sizes, receive, receive_sizes); });
}

void GuardedGroup::all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) {
  if (group_ == nullptr) return;
  agree(false);
  run([&](ProcessGroup& group) { group.all_gather(all, sizes); });
}

std::vector<std::string> GuardedGroup::all_texts(const std::string& own) {
  if (group_ == nullptr) return {own};
  const auto size = static_cast<std::size_t>(group_->size());
  const auto own_rank = static_cast<std::size_t>(rank());
  std::vector<std::size_t> lengths(size);
  lengths[own_rank] = own.size();
  all_gather(std::as_writable_bytes(std::span(lengths)),
             std::vector<std::size_t>(size, sizeof lengths[0]));
  std::size_t before = 0, sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i == own_rank) before = sum;
    sum += lengths[i];
  }
  std::string all(sum, '\0');
  std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(before));
  all_gather(std::as_writable_bytes(std::span(all.data(), all.size())), lengths);
  std::vector<std::string> texts;
  for (std::size_t i = 0, at = 0; i < size; at += lengths[i++]) {
    texts.push_back(all.substr(at, lengths[i]));
  }
  return texts;
}

}  // namespace xgrad::inline XGRAD_ABI::train
