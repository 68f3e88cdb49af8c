// SPDX-License-Identifier: MIT
#pragma once

// How an op is written, in xgrad and outside. An op checks its shapes, computes its value, and
// records for each input how the output's cotangent g = dL/dy becomes the input's dL/dx:
//
//   Tensor exp(const Tensor& x) {
//     const SavedArray y = elementwise(kernels().exp, x.value());
//     return record("exp", y, wrt(x, [y](Array g, Gradient& dx) {
//       dx.add(elementwise(kernels().mul, std::move(g), *y));
//     }));
//   }
//
// The engine does what all rules share: it drops the rule of an input that needs no gradient, and
// with it the values the rule would keep; it sums a term over the axes that were broadcast; it adds
// up what arrives from several consumers. A rule captures Values, never Tensors: its own output
// would hold itself alive, and a long chain of rules with inputs would be freed recursively.

#include <xgrad/autograd/gradient.hpp>
#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/arithmetic.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace detail {

/// Memory of one or more tensors, and how often it was overwritten.
struct Storage {
  Array array;
  std::uint64_t version = 0;
  /// Throws Error unless the version is this one.
  void require_version(std::uint64_t expected) const;
};

}  // namespace detail

/// An array that a rule keeps until the backward walk: shared, not copied.
class SavedArray {
 public:
  /// Of a result that is no tensor yet.
  SavedArray(Array array);
  /// The value of a tensor as it is now.
  explicit SavedArray(const Tensor& tensor);

  /// Throws Error where the array was overwritten since this SavedArray was made: the gradient
  /// computed from it would be wrong.
  const Array& operator*() const;
  const Array* operator->() const { return &**this; }  ///< likewise

 private:
  friend struct detail::Node;
  std::shared_ptr<detail::Storage> storage_;
  std::uint64_t version_;
};

namespace detail {

/// One rule, whatever it captures; its memory is reused from step to step.
struct BackwardFunction {
  BackwardFunction() = default;
  BackwardFunction(const BackwardFunction&) = delete;
  BackwardFunction& operator=(const BackwardFunction&) = delete;
  virtual ~BackwardFunction() = default;
  /// `last`: nobody reads g after this, so that a rule which takes it by value gets it moved.
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

/// An input of a recorded op with its rule; no rule where the input needs no gradient.
struct Edge {
  Tensor input;
  std::unique_ptr<BackwardFunction> backward;
  std::uint64_t version;  ///< of the input's storage when the op ran
};
Edge make_edge(const Tensor& input, std::unique_ptr<BackwardFunction> backward);
using Edges = std::vector<Edge, Allocator<Edge>>;

Tensor record(const char* op, SavedArray y, Edges edges);

}  // namespace detail

/// Whether a graph is being recorded that leads to x.
inline bool needs_gradient(const Tensor& x) { return grad_enabled() && x.requires_grad(); }

/// An input and its rule, `void(const Array& g, Gradient& dx)`; a rule that can make its result in
/// the memory of g takes it by value.
template <std::invocable<const Array&, Gradient&> F>
detail::Edge wrt(const Tensor& x, F backward) {
  if (!needs_gradient(x)) return detail::make_edge(x, nullptr);
  return detail::make_edge(x, std::make_unique<detail::BackwardFunctionOf<F>>(std::move(backward)));
}

/// The output of an op. `op` names it in messages and must be a string literal.
template <std::same_as<detail::Edge>... Inputs>
Tensor record(const char* op, SavedArray y, Inputs... inputs) {
  detail::Edges edges;
  edges.reserve(sizeof...(inputs));
  (edges.push_back(std::move(inputs)), ...);
  return detail::record(op, std::move(y), std::move(edges));
}

/// The value of a leaf, to be overwritten in place: for optimizers. Counts as an assign().
Array& mutable_value(const Tensor& leaf);

/// The gradient of a leaf that has one, likewise: for clipping.
Array& mutable_grad(const Tensor& leaf);

/// The same in the form it arrived in, for reading: for optimizers. Throws Error where has_grad()
/// is false.
const Gradient& raw_grad(const Tensor& leaf);

}  // namespace xgrad::inline XGRAD_ABI
