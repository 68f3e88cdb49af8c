// SPDX-License-Identifier: MIT
// The states of an optimizer whose parameters are updated by several processes.
#include <xgrad/train/internal/gradient_exchange.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {

/// Copies the own slice of all_ to all processes, or to rank 0 only.
void GradientExchange::gather_values(bool everywhere) {
  const auto bytes = std::as_writable_bytes(std::span(all_));
  if (everywhere) return group_.all_gather(bytes, slice_sizes_);
  std::vector<std::size_t> to(processes_, 0), from(processes_, 0);
  to[0] = slice_sizes_[rank_];
  if (rank_ == 0) from = slice_sizes_;
  // Rank 0 sends its slice to itself, from one place in all_ to the same place: it sends a copy.
  const auto own = bytes.subspan(slices_[rank_] * sizeof(Scalar), slice_sizes_[rank_]);
  send_.assign(own.begin(), own.end());
  group_.all_to_all(send_, to, rank_ == 0 ? bytes : bytes.first(0), from);
}

GradientExchange::States GradientExchange::gather_states(bool everywhere) {
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  const std::size_t count = parameters.size(), states = states_.size();
  std::vector<unsigned char> exists(processes_ * states * count);
  for (std::size_t k = 0; k < states; ++k) {
    for (std::size_t i = 0; i < count; ++i) {
      exists[(rank_ * states + k) * count + i] = (*states_[k])[i].has_value();
    }
  }
  group_.all_gather(std::as_writable_bytes(std::span(exists)),
                    std::vector<std::size_t>(processes_, states * count));
  States whole;
  for (std::size_t k = 0; k < states; ++k) {
    const optim::Optimizer::State& own = *states_[k];
    for_each_piece_of(rank_, [&](std::size_t i, std::size_t, std::size_t n, std::size_t at) {
      if (own[i]) std::copy_n(own[i]->data(), n, all_.data() + slices_[rank_] + at);
    });
    gather_values(everywhere);
    const Scalar* from = all_.data();
    optim::Optimizer::State& state = whole.emplace_back(count);
    for (std::size_t i = 0; i < count; from += parameters[i++].size()) {
      bool is_used = false;
      for (std::size_t r = 0; r < processes_; ++r) {
        is_used = is_used || exists[(r * states + k) * count + i] != 0;
      }
      if (!is_used || (!everywhere && rank_ != 0)) continue;
      state[i] = empty(parameters[i].shape());
      std::copy_n(from, state[i]->size(), state[i]->data());
    }
  }
  return whole;
}

void GradientExchange::swap_states(States& states) noexcept {
  for (std::size_t k = 0; k < states.size(); ++k) std::swap(*states_[k], states[k]);
}

/// Returns the states of the slice of this process.
GradientExchange::States GradientExchange::part_of_states() const {
  States parts;
  for (const optim::Optimizer::State* const whole : states_) {
    optim::Optimizer::State& part = parts.emplace_back(whole->size());
    for_each_piece_of(rank_, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t) {
      if (!(*whole)[i]) return;
      part[i] = empty({n});
      std::copy_n((*whole)[i]->data() + first, n, part[i]->data());
    });
  }
  return parts;
}

/// Restricts the optimizer to the slice of this process.
void GradientExchange::restrict_optimizer() {
  const auto named = optimizer_.states();
  for (std::size_t k = 0; k < optimizer_.rule().states().size(); ++k) {
    states_.push_back(named[k].second);
  }
  States part = part_of_states();
  *complete_ = [this] {
    group_.agree(false);
    gather_parameters();
  };
  optimizer_.set_part(slices_[rank_], slices_[rank_ + 1], [complete = complete_] {
    if (*complete) return (*complete)();
    throw Error("[eval] the parameters are divided among processes that no longer train together");
  });
  try {
    group_.agree(false);
  } catch (...) {  // another process has failed
    optimizer_.clear_part();
    throw;
  }
  swap_states(part);
}

void GradientExchange::with_whole_states(const std::function<void()>& save) {
  if (processes_ == 1) return save();
  States states = gather_states(false);
  if (rank_ != 0) return;
  swap_states(states);
  try {
    save();
  } catch (...) {
    swap_states(states);
    throw;
  }
  swap_states(states);
}

void GradientExchange::restore_whole_states() {
  if (!is_shared_) return;
  States states = gather_states(true);
  group_.agree(false);  // a process that fails later would wait for the others
  is_shared_ = false;
  optimizer_.clear_part();
  swap_states(states);
}

}  // namespace xgrad::inline XGRAD_ABI::train
