// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/shape.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

namespace detail {
struct Node;
}

/// A multi-dimensional array in a recorded computation. A Tensor is a handle: a copy refers to the
/// same tensor. A tensor keeps everything alive that its gradient needs.
///
/// A *leaf* is a tensor that was created from an Array. A leaf with `requires_grad` accumulates
/// d(loss)/d(leaf) in `grad()` each time backward() runs on a result that was computed from it. The
/// results of ops are not leaves: they are nodes of the graph and refer to their inputs.
class Tensor {
 public:
  /// Creates a leaf that contains the number 0 and does not require a gradient.
  Tensor();
  /// Creates a leaf that contains `value`.
  Tensor(Array value, bool requires_grad = false);
  /// Creates a leaf of shape {} that contains a number.
  Tensor(double value);
  /// Deleted, because `Tensor(32, 784)` would be the number 32. zeros({32, 784}) is a matrix.
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) Tensor(Array value, T)
  = delete;
  /// Creates a vector: `Tensor{5, 1}` has shape (2,). It is a template so that `Tensor{{5}, {1}}`,
  /// whose inner braces could also be numbers, is a matrix.
  template <class = void>
  Tensor(std::initializer_list<double> values) : Tensor(vector_of(values)) {}
  /// Creates a matrix from its rows: `Tensor{{1, 2, 3}, {4, 5, 6}}` has shape (2, 3). Throws
  /// ShapeError unless all rows have the same length.
  Tensor(std::initializer_list<std::initializer_list<double>> rows);
  /// Creates a leaf with a copy of `values` in row-major order. Throws ShapeError unless there are
  /// as many values as the shape has elements.
  static Tensor from(std::span<const Scalar> values, const Shape& shape);

  /// Returns the elements. The reference is valid as long as the tensor lives.
  const Array& value() const&;
  /// Returns the elements of a temporary by value: `for (Scalar p : softmax(x).value())` is safe.
  Array value() &&;
  Array value() const&&;  ///< Returns a copy of the elements.
  /// Returns the extents, outermost first. The shape of a single number is {}.
  const Shape& shape() const&;
  Shape shape() const&&;  ///< Returns a copy of the shape.
  /// Returns the number of axes.
  std::size_t ndim() const;
  /// Returns the number of elements.
  std::size_t size() const;
  /// Returns the only element. Throws ShapeError unless size() == 1.
  Scalar item() const;
  /// Returns the element with these indices, one for each axis: `x.at(1, 0)`. A negative index
  /// counts from the end. Throws ShapeError if the number of indices differs from ndim() or an
  /// index is out of range.
  template <std::integral... Index>
  Scalar at(Index... indices) const {
    return element({static_cast<std::ptrdiff_t>(indices)...});
  }
  /// Returns x[index, ...] without the first axis, with its gradient. A negative index counts from
  /// the end. Throws ShapeError if the shape is {} or the index is out of range.
  Tensor operator[](std::ptrdiff_t index) const;

  /// Returns whether this tensor was created from an Array; false for a recorded result of an op.
  bool is_leaf() const;
  /// Returns whether both handles refer to the same tensor.
  bool is_same(const Tensor& other) const { return node_ == other.node_; }

  /// Returns whether the backward pass computes a gradient for this tensor. A leaf has its own
  /// setting. The result of an op requires a gradient if one of its inputs does.
  bool requires_grad() const;
  /// Sets whether this leaf requires a gradient. Throws Error if the tensor is not a leaf.
  void set_requires_grad(bool requires_grad);
  /// Returns whether backward() has stored a gradient since the last zero_grad().
  bool has_grad() const;
  /// Returns the gradient, in the shape of this tensor; zeros if has_grad() is false. The reference
  /// is valid until the next backward(). Several threads may read it at once. Throws Error if the
  /// tensor is not a leaf or does not require a gradient.
  const Array& grad() const&;
  Array grad() const&&;  ///< Returns a copy of the gradient.
  /// Clears the gradient. Its memory is kept for the next backward().
  void zero_grad();

  /// Copies `value` into this leaf. backward() then throws for every graph that used the old value.
  /// Throws Error if the tensor is not a leaf, and ShapeError if the shapes differ.
  void assign(const Array& value);
  /// Returns a leaf that shares the elements of this tensor and does not require a gradient.
  Tensor detach() const;

  /// Computes the derivative of this one-element tensor with respect to every leaf that it was
  /// computed from, adds it to the leaf's grad(), and frees the graph. Throws ShapeError if the
  /// tensor has more than one element. Throws Error if it does not depend on a tensor that requires
  /// a gradient, if it is NaN, if the graph was freed before, or if an array in the graph has been
  /// overwritten. If it throws, no gradient has changed.
  void backward() const;
  /// Differentiates a tensor of any shape: adds the derivative of sum(gradient * this), where
  /// `gradient` is the gradient of the loss with respect to this tensor. Throws ShapeError if the
  /// shapes differ. Throws Error like backward(), but accepts a tensor that contains NaN.
  void backward(const Array& gradient) const;

 private:
  friend struct detail::Node;
  static Array vector_of(std::initializer_list<double> values);
  Scalar element(std::initializer_list<std::ptrdiff_t> indices) const;
  explicit Tensor(std::shared_ptr<detail::Node> node);
  std::shared_ptr<detail::Node> node_;
};

/// Prints the elements, abbreviated if there are many, then the shape and requires_grad().
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

/// Returns the graph that `result` was computed with, in the language of Graphviz: one box for each
/// op and each leaf that requires a gradient, with its shape, and arrows from the inputs. `names`
/// gives names to leaves, as in `to_dot(loss, model.named_parameters())`. `dot -Tsvg` draws it.
/// Throws Error after backward(), which frees the graph.
std::string to_dot(const Tensor& result,
                   const std::vector<std::pair<std::string, Tensor>>& names = {});

/// Returns d(loss)/d(t) for each t in `wrt`, which may be leaves or results of ops. A derivative is
/// zero if `loss` does not depend on t. Changes no grad() and keeps the graph, so it can be called
/// again. Throws like backward(), and Error if a tensor in `wrt` does not require a gradient.
std::vector<Array> gradients(const Tensor& loss, const std::vector<Tensor>& wrt);

/// Disables the recording of a graph on the current thread while the guard lives.
class NoGradGuard {
 public:
  NoGradGuard();
  ~NoGradGuard();
  NoGradGuard(const NoGradGuard&) = delete;
  NoGradGuard& operator=(const NoGradGuard&) = delete;

 private:
  bool previous_;
};

/// Returns whether ops on the current thread record a graph.
bool grad_enabled();

}  // namespace xgrad::inline XGRAD_ABI
