// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/optimizer.hpp>
#include <xgrad/train/internal/guarded_group.hpp>
#include <xgrad/train/internal/shard_tree.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Adds the gradients of the shards, over all processes, and lets each process update its own slice
/// of the parameters. The parameters of the optimizer lie in one row of elements, which is cut into
/// one slice per process. All results have the same bits for every number of processes.
class GradientExchange {
 public:
  /// `shards` must be a multiple of the number of processes. The states of the optimizer shrink to
  /// the slice of this process. If a process fails, all of them throw, and nothing has changed.
  GradientExchange(optim::Optimizer& optimizer, GuardedGroup& group, std::size_t shards);
  /// If the states were not restored, the optimizer keeps its part of them.
  ~GradientExchange();
  GradientExchange(const GradientExchange&) = delete;
  GradientExchange& operator=(const GradientExchange&) = delete;

  /// Forgets the shards of a step that was not taken.
  void begin();
  /// Adds the current gradients, which are those of one shard. The shards must come in their order.
  void add_shard(std::size_t shard);
  /// Prepares exchange(), with a note that has the same size everywhere. Allocates all memory that
  /// exchange() needs.
  void prepare(const std::vector<double>& note);
  /// Adds the gradients of all processes. The gradients of the parameters then contain the sum, but
  /// only in the slice of this process. A parameter without a gradient in any shard has none. Also
  /// computes the norm if `need_norm` is true. Returns the notes of all processes. Must follow
  /// prepare() and agree().
  const std::vector<double>& exchange(bool need_norm);
  /// Scales the gradients like clip_grad_norm().
  void clip(double max_norm);
  /// Copies each slice of the parameters from the process that updates it. Must follow agree().
  void gather_parameters();

  /// Calls save() on rank 0, with the whole states in the optimizer.
  void with_whole_states(const std::function<void()>& save);
  /// Gives the whole states to the optimizers of all processes.
  void restore_whole_states();

 private:
  using States = std::vector<optim::Optimizer::State>;
  template <class T>
  using Values = std::vector<T, Allocator<T>>;

  /// Calls f(parameter, first, n, offset) for each parameter with elements in [begin, end): n
  /// elements from the element `first`. `offset` is the distance to `begin`.
  template <class F>
  void for_each_piece(std::size_t begin, std::size_t end, F f) const;
  template <class F>
  void for_each_piece_of(std::size_t rank, F f) const {
    for_each_piece(slices_[rank], slices_[rank + 1], f);
  }
  void join_leaves();
  void sum_leaves(std::size_t slot, std::size_t count);
  void pack(const std::vector<double>& note);
  void add_received();
  void compute_norm();
  States gather_states(bool everywhere);
  void gather_values(bool everywhere);
  void swap_states(States& states) noexcept;
  States part_of_states() const;
  void restrict_optimizer();

  optim::Optimizer& optimizer_;
  GuardedGroup& group_;
  std::size_t rank_, processes_;
  std::vector<optim::Optimizer::State*> states_{};  ///< those of the rule
  std::vector<std::size_t> slices_{};  ///< first element of each slice, then the number of elements
  /// Sizes of the slices in bytes, and of the squares of their blocks.
  std::vector<std::size_t> slice_sizes_{}, square_sizes_{};
  std::vector<std::vector<TreeNode>> nodes_of_{};  ///< the nodes of the shards of each process
  std::vector<TreeNode> nodes_{};                  ///< of the shards that were added
  std::vector<Scalar*> received_{};                ///< their sums, in the messages
  std::size_t leaves_ = 0;  ///< number of the shards after the nodes that were not added yet
  std::size_t end_ = 0;     ///< number of the shard after them
  /// For each node, and then for each leaf, one array per parameter.
  std::vector<std::vector<Array>> sums_{};
  std::vector<bool> has_gradient_{};  ///< for each parameter, in any shard
  std::vector<double> notes_{}, squares_{};
  std::vector<std::size_t> send_sizes_{}, receive_sizes_{};
  Values<std::byte> send_{}, receive_{};
  Values<Scalar> all_{};  ///< a value for each element
  double norm_ = 0;
  bool is_shared_;  ///< whether this process has only a part of the states
  /// What the optimizer's eval() calls. It is empty after this object has ended.
  std::shared_ptr<std::function<void()>> complete_ = std::make_shared<std::function<void()>>();
};

template <class F>
void GradientExchange::for_each_piece(std::size_t begin, std::size_t end, F f) const {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < optimizer_.parameters().size(); ++i) {
    const std::size_t next = offset + optimizer_.parameters()[i].size();
    const std::size_t first = std::clamp(begin, offset, next), last = std::clamp(end, offset, next);
    if (first < last) f(i, first - offset, last - first, first - begin);
    offset = next;
  }
}

}  // namespace xgrad::inline XGRAD_ABI::train
