// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/guarded_group.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {

GuardedGroup::Word GuardedGroup::exchange(Word own) {
  const auto size = static_cast<std::size_t>(group_->size());
  words_.resize(size);
  words_[static_cast<std::size_t>(rank())] = own;
  run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(words_)), std::vector<std::size_t>(size, 1));
  });
  return *std::max_element(words_.begin(), words_.end());
}

bool GuardedGroup::agree(bool stop) {
  if (group_ == nullptr) return stop;
  const Word word = exchange(stop ? Word::stop : Word::go_on);
  if (word != Word::failed) return word == Word::stop;
  const std::vector<std::string> texts = exchange_texts("");
  has_left_ = true;
  const auto rank = std::find(words_.begin(), words_.end(), Word::failed) - words_.begin();
  throw OtherProcessError("[fit] process " + std::to_string(rank) +
                          " has failed: " + texts[static_cast<std::size_t>(rank)]);
}

void GuardedGroup::leave(const std::string& text) noexcept {
  if (group_ == nullptr || std::exchange(has_left_, true)) return;
  try {
    exchange(Word::failed);
    exchange_texts(text);
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
  agree(false);
  return exchange_texts(own);
}

std::vector<std::string> GuardedGroup::exchange_texts(const std::string& own) {
  const auto size = static_cast<std::size_t>(group_->size());
  const auto own_rank = static_cast<std::size_t>(rank());
  std::vector<std::size_t> lengths(size);
  lengths[own_rank] = own.size();
  run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(lengths)),
                     std::vector<std::size_t>(size, sizeof lengths[0]));
  });
  std::size_t before = 0, sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i == own_rank) before = sum;
    sum += lengths[i];
  }
  std::string all(sum, '\0');
  std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(before));
  run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(all.data(), all.size())), lengths);
  });
  std::vector<std::string> texts;
  for (std::size_t i = 0, at = 0; i < size; at += lengths[i++]) {
    texts.push_back(all.substr(at, lengths[i]));
  }
  return texts;
}

}  // namespace xgrad::inline XGRAD_ABI::train
