// SPDX-License-Identifier: MIT
#pragma once

// The interface for writing ops, in xgrad and in programs that use it. An op checks its shapes,
// computes its value y, and records one backward function for each input x. The backward function
// receives g = dL/dy, the gradient of the loss L with respect to the output, and adds dL/dx to the
// gradient of the input. Values are ordinary xtensor arrays:
//
//   Tensor cube(const Tensor& x) {
//     const SavedArray saved(x);
//     const Array& v = x.value();
//     return record("cube", Array(v * v * v), wrt(x, [saved](const Array& g, Gradient& dx) {
//       dx.add(3 * *saved * *saved * g);
//     }));
//   }
//
// The engine does the common work. It drops the backward function of an input that does not need a
// gradient, together with its saved arrays. It sums a term over the axes that were broadcast. It
// adds the terms of all ops that used a tensor. A backward function captures saved arrays
// (SavedArray), never tensors: an op that captured its own output would never be freed, and a long
// chain of captured inputs would be freed recursively.

#include <xgrad/autograd/gradient.hpp>
#include <xgrad/autograd/tensor.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace detail {

/// The elements of one tensor, or of several that share them.
struct Storage {
  Array array;
  std::uint64_t version = 0;  ///< number of times that the array was overwritten
  /// Throws Error unless version == expected.
  void require_version(std::uint64_t expected) const;
};

}  // namespace detail

/// An array that a backward function keeps for the backward pass. It is shared, not copied.
class SavedArray {
 public:
  /// Saves a result that is not a tensor yet.
  SavedArray(Array array);
  /// Saves the current value of a tensor.
  explicit SavedArray(const Tensor& tensor);

  /// Returns the array. Throws Error if it was overwritten after it was saved, because a gradient
  /// that is computed from it would be wrong.
  const Array& operator*() const;
  /// Accesses a member of the array. Throws like operator*.
  const Array* operator->() const { return &**this; }

 private:
  friend struct detail::Node;
  std::shared_ptr<detail::Storage> storage_;
  std::uint64_t version_;
};

namespace detail {

/// A backward function of any type. Its memory is reused in later steps.
struct BackwardFunction {
  BackwardFunction() = default;
  BackwardFunction(const BackwardFunction&) = delete;
  BackwardFunction& operator=(const BackwardFunction&) = delete;
  virtual ~BackwardFunction() = default;
  /// Adds the input's term to dx. If `last` is true, nothing reads g afterwards, and g is moved
  /// into a function that takes it by value.
  virtual void operator()(Array& g, bool last, Gradient& dx) const = 0;
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  static void operator delete(void* block, std::size_t bytes) { deallocate(block, bytes); }
};

template <class F>
struct BackwardFunctionOf final : BackwardFunction {
  explicit BackwardFunctionOf(F f) : function(std::move(f)) {}
  void operator()(Array& g, bool last, Gradient& dx) const override {
    if (last) return function(std::move(g), dx);
    function(std::as_const(g), dx);
  }
  F function;
};

/// An input of a recorded op with its backward function.
struct Edge {
  Tensor input;
  std::unique_ptr<BackwardFunction> backward;  ///< nullptr if the input does not need a gradient
  std::uint64_t version;                       ///< version of the input's storage when the op ran
};
Edge make_edge(const Tensor& input, std::unique_ptr<BackwardFunction> backward);
using Edges = std::vector<Edge, Allocator<Edge>>;

Tensor record(const char* op, SavedArray y, Edges edges);

}  // namespace detail

/// Returns whether ops on x must record a graph: x requires a gradient and recording is enabled.
inline bool needs_gradient(const Tensor& x) { return grad_enabled() && x.requires_grad(); }

/// Pairs an input ("with respect to x") with its backward function
/// `void(const Array& g, Gradient& dx)`, which must add dL/dx to dx. A function that can reuse the
/// memory of g for its result takes `Array g` by value.
template <std::invocable<const Array&, Gradient&> F>
detail::Edge wrt(const Tensor& x, F backward) {
  if (!needs_gradient(x)) return detail::make_edge(x, nullptr);
  return detail::make_edge(x, std::make_unique<detail::BackwardFunctionOf<F>>(std::move(backward)));
}

/// Creates the output tensor of an op from its value y and the results of wrt() for its inputs.
/// `op` names the op in error messages. It must be a string literal, because only its address is
/// stored.
template <std::same_as<detail::Edge>... Inputs>
Tensor record(const char* op, SavedArray y, Inputs... inputs) {
  detail::Edges edges;
  edges.reserve(sizeof...(inputs));
  (edges.push_back(std::move(inputs)), ...);
  return detail::record(op, std::move(y), std::move(edges));
}

/// Returns `result`, followed by the tensors that require a gradient and from which it was
/// computed, each once. backward() frees the graph, and only `result` remains.
std::vector<Tensor> graph_of(const Tensor& result);

/// Returns the value of a leaf for writing in place, as optimizers do. Counts as an assign().
/// Throws Error if the tensor is not a leaf.
Array& mutable_value(const Tensor& leaf);

/// Returns the gradient of a leaf for writing in place, as gradient clipping does. Throws Error if
/// has_grad() is false.
Array& mutable_grad(const Tensor& leaf);

/// Returns the gradient of a leaf in the form in which it is stored (see Gradient), so that
/// optimizers can read it without computing an outer product. Throws Error if has_grad() is false.
const Gradient& raw_grad(const Tensor& leaf);

}  // namespace xgrad::inline XGRAD_ABI
