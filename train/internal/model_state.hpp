// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// The buffers and generators of a model. Each shard starts from those of the step's begin.
class ModelState {
 public:
  explicit ModelState(nn::Module& model) : buffers_(model.buffers()), rngs_(model.named_rngs()) {
    for (const Tensor& buffer : buffers_) elements_ += buffer.size();
  }
  /// Keeps the current state, and draws the number that seeds the generators of the shards. If it
  /// throws, nothing has changed. Nothing else that changes the model throws.
  void begin_step() {
    old_buffers_.clear();
    old_rngs_.clear();
    for (const Tensor& buffer : buffers_) old_buffers_.push_back(buffer.value());
    for (const auto& [name, rng] : rngs_) old_rngs_.push_back(rng->state());
    next_rngs_.resize(rngs_.size());
    seeds_.resize(rngs_.size());
    for (std::size_t i = 0; i < rngs_.size(); ++i) {
      seeds_[i] = rngs_[i].second->next();
      next_rngs_[i] = rngs_[i].second->state();
    }
  }
  void begin_shard(std::size_t shard) {
    assign_buffers();
    for (std::size_t i = 0; i < rngs_.size(); ++i) {
      rngs_[i].second->set_state(Rng(seeds_[i] + shard).state());
    }
  }
  /// Appends the values of the buffers to a note.
  void append_buffers(std::vector<double>& note) const {
    for (const Tensor& buffer : buffers_) {
      note.insert(note.end(), buffer.value().begin(), buffer.value().end());
    }
  }
  std::size_t buffer_elements() const { return elements_; }
  /// Restores the state at the step's begin, as far as begin_step() has kept it.
  void restore() {
    assign_buffers();
    set_rngs(old_rngs_);
  }
  /// Moves the buffers by `changes`, and the generators to the next step.
  void end_step(const std::vector<double>& changes) {
    auto change = changes.begin();
    for (Array& old : old_buffers_) {
      for (Scalar& x : old) x = static_cast<Scalar>(static_cast<double>(x) + *change++);
    }
    assign_buffers();
    set_rngs(next_rngs_);
  }
  /// Returns element i of all buffers at the step's begin, for each i.
  std::vector<double> old_values() const {
    std::vector<double> values;
    for (const Array& old : old_buffers_) values.insert(values.end(), old.begin(), old.end());
    return values;
  }

 private:
  void assign_buffers() {
    for (std::size_t i = 0; i < old_buffers_.size(); ++i) buffers_[i].assign(old_buffers_[i]);
  }
  void set_rngs(const std::vector<Rng::State>& states) {
    for (std::size_t i = 0; i < states.size(); ++i) rngs_[i].second->set_state(states[i]);
  }

  std::vector<Tensor> buffers_;
  nn::Named<Rng*> rngs_;
  std::size_t elements_ = 0;
  std::vector<Array> old_buffers_{};
  std::vector<Rng::State> old_rngs_{}, next_rngs_{};
  std::vector<std::uint64_t> seeds_{};
};

}  // namespace xgrad::inline XGRAD_ABI::train
