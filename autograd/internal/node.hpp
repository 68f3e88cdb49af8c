// SPDX-License-Identifier: MIT
#pragma once

// The inside of Tensor: private to autograd/, not installed.

#include <xgrad/autograd/graph.hpp>

#include <atomic>

namespace xgrad::inline XGRAD_ABI::detail {

/// One tensor: its value, and how it was made or what has been gathered for it.
struct Node {
  explicit Node(std::shared_ptr<Storage> storage);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool is_leaf() const { return op == nullptr; }
  bool has_grad() const { return grad != nullptr && !grad->empty(); }
  void require_leaf(const char* where) const;

  std::shared_ptr<Storage> storage;
  const char* op = nullptr;  ///< the op that made it; nullptr for a leaf
  Edges edges;               ///< the inputs that need a gradient, with their rules
  std::uint64_t id;          ///< from the thread that made it; an input's is below its output's
  bool requires_grad = false;
  bool released = false;                     ///< the graph behind it was freed by backward()
  std::unique_ptr<Gradient> grad;            ///< of a leaf; made when the first one arrives
  std::atomic<const Array*> zeros{nullptr};  ///< what grad() returns if no gradient has arrived
  std::shared_ptr<Node> next;                ///< links the nodes that ~Node is about to free

  static std::shared_ptr<Node> make(std::shared_ptr<Storage> storage);
  static Tensor handle(std::shared_ptr<Node> node) { return Tensor(std::move(node)); }
  static const std::shared_ptr<Node>& of(const Tensor& tensor) { return tensor.node_; }
  static std::shared_ptr<Storage>& storage_of(SavedArray& value) { return value.storage_; }
};

using NodePtr = std::shared_ptr<Node>;

}  // namespace xgrad::inline XGRAD_ABI::detail
