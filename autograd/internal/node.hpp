// SPDX-License-Identifier: MIT
#pragma once

// The implementation of Tensor. This header is private to autograd/ and not installed.

#include <xgrad/autograd/graph.hpp>

#include <atomic>

namespace xgrad::inline XGRAD_ABI::detail {

/// The state of one tensor: its value, and either the op that computed it or, for a leaf, its
/// gradient.
struct Node {
  explicit Node(std::shared_ptr<Storage> storage);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool is_leaf() const { return op == nullptr; }
  bool has_grad() const { return grad != nullptr && !grad->empty(); }
  void require_leaf(const char* where) const;

  std::shared_ptr<Storage> storage;
  const char* op = nullptr;  ///< name of the op that computed this tensor; nullptr for a leaf
  Edges edges;               ///< inputs that need a gradient, with their backward functions
  std::uint64_t id;          ///< larger than the ids of the inputs; two threads may use the same id
  bool requires_grad = false;
  bool released = false;                     ///< whether backward() has freed the edges
  std::unique_ptr<Gradient> grad;            ///< gradient of a leaf; nullptr before the first one
  std::atomic<const Array*> zeros{nullptr};  ///< grad() returns it if `grad` is nullptr
  std::shared_ptr<Node> next;                ///< links the nodes that ~Node is about to free

  static std::shared_ptr<Node> make(std::shared_ptr<Storage> storage);
  static Tensor handle(std::shared_ptr<Node> node) { return Tensor(std::move(node)); }
  static const std::shared_ptr<Node>& of(const Tensor& tensor) { return tensor.node_; }
  static std::shared_ptr<Storage>& storage_of(SavedArray& value) { return value.storage_; }
};

using NodePtr = std::shared_ptr<Node>;

}  // namespace xgrad::inline XGRAD_ABI::detail
