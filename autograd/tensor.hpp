// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/shape.hpp>

#include <memory>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

namespace detail {
struct Node;
}

/// A value in a recorded computation. A handle: a copy is the same tensor, and a tensor keeps
/// everything alive that its gradient needs.
///
/// A *leaf* is a tensor made from an Array; one with `requires_grad` collects d(loss)/d(leaf) in
/// `grad()` each time `backward()` runs on something computed from it. Tensors that ops give back
/// are not leaves: they remember how they were made.
class Tensor {
 public:
  /// The number 0, a leaf without gradient.
  Tensor();
  /// A leaf that holds `value`.
  Tensor(Array value, bool requires_grad = false);

  /// Returns what the tensor holds. The reference is valid as long as the tensor lives.
  const Array& value() const&;
  /// Returns what a temporary holds, as an array of its own: `for (Scalar p : softmax(x).value())`.
  Array value() &&;
  Array value() const&&;  ///< Returns a copy.
  /// Returns the extents, outermost first; {} for a single number.
  const Shape& shape() const&;
  Shape shape() const&&;  ///< Returns a copy.
  /// Number of axes.
  std::size_t ndim() const;
  /// Number of elements.
  std::size_t size() const;
  /// The only element. Throws ShapeError unless size() == 1.
  Scalar item() const;

  /// Whether this tensor was made from an Array rather than recorded as the result of an op.
  bool is_leaf() const;
  /// Whether both are handles of one tensor.
  bool is_same(const Tensor& other) const { return node_ == other.node_; }

  /// Whether gradients flow to this tensor: set for a leaf, inherited from its inputs elsewhere.
  bool requires_grad() const;
  /// Leaves only. Throws Error elsewhere.
  void set_requires_grad(bool requires_grad);
  /// Whether a gradient has arrived since the last zero_grad().
  bool has_grad() const;
  /// Returns the gradient, of this tensor's shape; zeros if none has arrived. The reference is
  /// valid until the next backward(). Several threads may read it at once. Throws Error for a
  /// tensor that keeps none: not a leaf, or without requires_grad.
  const Array& grad() const&;
  Array grad() const&&;  ///< Returns a copy.
  /// Forgets the gradient. Its memory stays, and the next backward() writes there.
  void zero_grad();

  /// Overwrites a leaf's value; the shape stays. Graphs recorded before notice: their backward()
  /// throws. Throws Error for a tensor that is no leaf, ShapeError for another shape.
  void assign(const Array& value);
  /// A leaf that shares this tensor's value and has no history.
  Tensor detach() const;

  /// Adds the derivative of this one-element tensor to grad() of every leaf it was computed from,
  /// then frees the graph. Throws Error where the tensor has no graph, has more than one element,
  /// is NaN, where the graph was freed before, or where a value in it was overwritten since; no
  /// gradient has changed then.
  void backward() const;
  /// The same for a tensor of any shape: adds the derivative of sum(cotangent * this).
  void backward(const Array& cotangent) const;

 private:
  friend struct detail::Node;
  explicit Tensor(std::shared_ptr<detail::Node> node);
  std::shared_ptr<detail::Node> node_;
};

/// d(loss)/d(t) for each t in `wrt`, zeros where loss does not depend on it. Pure: no `.grad()` is
/// touched and the graph stays, so it can be asked again. `wrt` may hold leaves and others. Throws
/// like backward(), and Error where a tensor in `wrt` does not require a gradient.
std::vector<Array> gradients(const Tensor& loss, const std::vector<Tensor>& wrt);

/// While one lives, ops on its thread record no graph: inference without the memory of training.
class NoGradGuard {
 public:
  NoGradGuard();
  ~NoGradGuard();
  NoGradGuard(const NoGradGuard&) = delete;
  NoGradGuard& operator=(const NoGradGuard&) = delete;

 private:
  bool previous_;
};

/// Whether ops on this thread record a graph.
bool grad_enabled();

/// Tensors alive in this process, in graphs or held by handles; a leak shows here.
std::size_t live_tensors();

}  // namespace xgrad::inline XGRAD_ABI
