// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/gradient_exchange.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// Slices begin at multiples of this many elements, and the norm is the sum of the squares of such
/// blocks. So the norm does not depend on the number of processes.
constexpr std::size_t kBlock = 1024;

void add(Scalar* to, const Scalar* from, std::size_t n) {
  parallel_for(n, tuning::kElementGrain, [=](std::size_t begin, std::size_t end) {
    kernels().add(to + begin, 1, from + begin, 1, to + begin, end - begin);
  });
}

/// Number of shards whose gradients are added at once. Each gradient is then read from memory once.
constexpr std::size_t kLeaves = 8;
/// Number of elements that are added at a time, so that the sums within the tree stay in the cache.
constexpr std::size_t kChunk = 1024;

/// Adds `count` leaves, a power of two, as the tree requires. leaf(i) is the first of n elements.
/// Writes the sum to `to`, which may be the first leaf.
template <class Leaf>
void add_tree(const Leaf& leaf, std::size_t first, std::size_t count, Scalar* to, std::size_t n) {
  if (count == 2) return kernels().add(leaf(first), 1, leaf(first + 1), 1, to, n);
  Scalar right[kChunk];
  add_tree(leaf, first, count / 2, to, n);
  add_tree(leaf, first + count / 2, count / 2, right, n);
  kernels().add(to, 1, right, 1, to, n);
}

}  // namespace

GradientExchange::GradientExchange(optim::Optimizer& optimizer, GuardedGroup& group,
                                   std::size_t shards)
    : optimizer_(optimizer),
      group_(group),
      rank_(static_cast<std::size_t>(group.rank())),
      processes_(static_cast<std::size_t>(group.size())),
      has_gradient_(optimizer.parameters().size()),
      is_shared_(processes_ > 1) {
  std::size_t elements = 0;
  for (const Tensor& p : optimizer.parameters()) elements += p.size();
  const std::size_t blocks = (elements + kBlock - 1) / kBlock;
  squares_.resize(blocks);
  for (std::size_t r = 0; r <= processes_; ++r) {
    slices_.push_back(std::min(elements, blocks * r / processes_ * kBlock));
  }
  for (std::size_t r = 0; r < processes_; ++r) {
    nodes_of_.push_back(nodes_of(shards * r / processes_, shards * (r + 1) / processes_));
    slice_sizes_.push_back((slices_[r + 1] - slices_[r]) * sizeof(Scalar));
    const std::size_t first = blocks * r / processes_, last = blocks * (r + 1) / processes_;
    square_sizes_.push_back((last - first) * sizeof(double));
  }
  if (processes_ == 1) return;
  nodes_.reserve(shards);
  received_.reserve(shards);
  all_.resize(elements);
  restrict_optimizer();
}

GradientExchange::~GradientExchange() { *complete_ = nullptr; }

// ---- The gradients of a step

void GradientExchange::begin() {
  nodes_.clear();
  leaves_ = 0;
  has_gradient_.assign(has_gradient_.size(), false);
}

// The sums are exchanged with the gradients, not copied: a gradient is overwritten anyway.
void GradientExchange::add_shard(std::size_t shard) {
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Tensor& p = parameters[i];
    if (!p.requires_grad()) continue;
    if (p.has_grad()) {
      has_gradient_[i] = true;
    } else {
      p.backward(zeros(p.shape()));
    }
  }
  const std::size_t slot = nodes_.size() + leaves_++;
  if (sums_.size() == slot) {
    std::vector<Array> sum;
    for (const Tensor& p : parameters) sum.push_back(empty(p.shape()));
    sums_.push_back(std::move(sum));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].requires_grad()) std::swap(mutable_grad(parameters[i]), sums_[slot][i]);
  }
  end_ = shard + 1;
  if (end_ % kLeaves == 0) join_leaves();
}

/// Adds the leaves to the nodes of the tree.
void GradientExchange::join_leaves() {
  std::size_t slot = nodes_.size();
  for (std::size_t first = end_ - leaves_; first < end_;) {
    const TreeNode node = node_at(first, end_);
    sum_leaves(slot, node.count);
    append_node(nodes_, node, [&](std::size_t k) {
      for (std::size_t i = 0; i < sums_[k].size(); ++i) {
        if (optimizer_.parameters()[i].requires_grad()) add_to(sums_[slot][i], sums_[k][i]);
      }
    });
    std::swap(sums_[nodes_.size() - 1], sums_[slot]);
    slot += node.count;
    first += node.count;
  }
  leaves_ = 0;
}

/// Adds the leaves in `count` slots.
void GradientExchange::sum_leaves(std::size_t slot, std::size_t count) {
  if (count == 1) return;
  for (std::size_t i = 0; i < sums_[slot].size(); ++i) {
    if (!optimizer_.parameters()[i].requires_grad()) continue;
    const auto add_elements = [&](std::size_t begin, std::size_t end) {
      for (; begin < end; begin += kChunk) {
        const auto leaf = [&](std::size_t k) { return sums_[k][i].data() + begin; };
        add_tree(leaf, slot, count, sums_[slot][i].data() + begin, std::min(kChunk, end - begin));
      }
    };
    parallel_for(sums_[slot][i].size(), tuning::kElementGrain, add_elements);
  }
}

void GradientExchange::prepare(const std::vector<double>& note) {
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  join_leaves();
  notes_.resize(processes_ * note.size());
  if (processes_ > 1) return pack(note);
  join_rest(nodes_, [&](std::size_t k) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i].requires_grad()) add_to(sums_[k][i], sums_[k + 1][i]);
    }
  });
  std::copy(note.begin(), note.end(), notes_.begin());
}

const std::vector<double>& GradientExchange::exchange(bool need_norm) {
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  if (processes_ > 1) {
    group_.run([&](ProcessGroup& group) {
      group.all_to_all(send_, send_sizes_, receive_, receive_sizes_);
    });
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].requires_grad()) std::swap(mutable_grad(parameters[i]), sums_[0][i]);
  }
  if (processes_ > 1) add_received();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!has_gradient_[i]) Tensor(parameters[i]).zero_grad();
  }
  if (need_norm) compute_norm();
  return notes_;
}

/// Writes the messages: the note, whether each parameter has a gradient, and for each node the
/// elements that the receiver updates.
void GradientExchange::pack(const std::vector<double>& note) {
  const std::vector<double> flags(has_gradient_.begin(), has_gradient_.end());
  const std::size_t head = (note.size() + flags.size()) * sizeof(double);
  send_sizes_.clear();
  receive_sizes_.clear();
  const std::size_t own = slices_[rank_ + 1] - slices_[rank_];
  for (std::size_t r = 0; r < processes_; ++r) {
    const std::size_t slice = slices_[r + 1] - slices_[r];
    send_sizes_.push_back(head + nodes_.size() * slice * sizeof(Scalar));
    receive_sizes_.push_back(head + nodes_of_[r].size() * own * sizeof(Scalar));
  }
  send_.resize(std::accumulate(send_sizes_.begin(), send_sizes_.end(), std::size_t{0}));
  receive_.resize(std::accumulate(receive_sizes_.begin(), receive_sizes_.end(), std::size_t{0}));
  std::byte* to = send_.data();
  const auto write = [&](const auto* from, std::size_t n) {
    if (n > 0) std::memcpy(to, from, n * sizeof *from);
    to += n * sizeof *from;
  };
  for (std::size_t r = 0; r < processes_; ++r) {
    write(note.data(), note.size());
    write(flags.data(), flags.size());
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      for_each_piece_of(r, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t) {
        write(sums_[k][i].data() + first, n);
      });
    }
  }
}

/// Reads the messages, and adds the nodes of all processes in the order of the tree.
void GradientExchange::add_received() {
  const std::size_t own = slices_[rank_ + 1] - slices_[rank_];
  const std::size_t note_size = notes_.size() / processes_;
  nodes_.clear();
  std::byte* from = receive_.data();
  for (std::size_t r = 0; r < processes_; ++r) {
    const auto read = [&](double* to, std::size_t n) {
      if (n > 0) std::memcpy(to, from, n * sizeof(double));
      from += n * sizeof(double);
    };
    read(notes_.data() + r * note_size, note_size);
    for (auto&& has_gradient : has_gradient_) {
      double flag = 0;
      read(&flag, 1);
      has_gradient = has_gradient || flag != 0;
    }
    for (const TreeNode& node : nodes_of_[r]) {
      // The heads consist of doubles, so the address is a multiple of the size of a Scalar.
      auto* const values = static_cast<Scalar*>(static_cast<void*>(from));
      append_node(nodes_, node, [&](std::size_t k) { add(values, received_[k], own); });
      received_.resize(nodes_.size());
      received_.back() = values;
      from += own * sizeof(Scalar);
    }
  }
  join_rest(nodes_, [&](std::size_t k) { add(received_[k], received_[k + 1], own); });
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  for_each_piece_of(rank_, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t at) {
    if (!parameters[i].requires_grad()) return;
    std::copy_n(received_[0] + at, n, mutable_grad(parameters[i]).data() + first);
  });
}

void GradientExchange::compute_norm() {
  for (std::size_t begin = slices_[rank_]; begin < slices_[rank_ + 1]; begin += kBlock) {
    double& sum = squares_[begin / kBlock] = 0;
    const std::size_t end = std::min(begin + kBlock, slices_[rank_ + 1]);
    for_each_piece(begin, end, [&](std::size_t i, std::size_t at, std::size_t n, std::size_t) {
      if (!has_gradient_[i]) return;
      const Scalar* const g = raw_grad(optimizer_.parameters()[i]).array().data() + at;
      sum += kernels().dot(g, g, n);
    });
  }
  if (processes_ > 1) {
    group_.run([&](ProcessGroup& group) {
      group.all_gather(std::as_writable_bytes(std::span(squares_)), square_sizes_);
    });
  }
  norm_ = std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
}

void GradientExchange::clip(double max_norm) {
  if (!std::isfinite(norm_) || !(norm_ > max_norm)) return;
  const auto factor = static_cast<Scalar>(max_norm / norm_);
  for_each_piece_of(rank_, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t) {
    if (!has_gradient_[i]) return;
    Scalar* const g = mutable_grad(optimizer_.parameters()[i]).data() + first;
    kernels().mul(g, 1, &factor, 0, g, n);
  });
}

void GradientExchange::gather_parameters() {
  if (processes_ == 1) return;
  const std::vector<Tensor>& parameters = optimizer_.parameters();
  for_each_piece_of(rank_, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t at) {
    std::copy_n(parameters[i].value().data() + first, n, all_.data() + slices_[rank_] + at);
  });
  group_.run([&](ProcessGroup& group) {
    group.all_gather(std::as_writable_bytes(std::span(all_)), slice_sizes_);
  });
  for (std::size_t r = 0; r < processes_; ++r) {
    if (r == rank_) continue;
    for_each_piece_of(r, [&](std::size_t i, std::size_t first, std::size_t n, std::size_t at) {
      std::copy_n(all_.data() + slices_[r] + at, n, mutable_value(parameters[i]).data() + first);
    });
  }
}

}  // namespace xgrad::inline XGRAD_ABI::train
