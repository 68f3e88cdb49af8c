// SPDX-License-Identifier: MIT
// The backward pass: reverse-mode differentiation of the recorded graph.
#include <xgrad/autograd/internal/node.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace xgrad::inline XGRAD_ABI {

using detail::Edge;
using detail::Node;
using detail::NodePtr;

namespace {

/// A tensor that the backward pass has reached, and the sum of its terms so far.
struct Arrival {
  NodePtr node;
  std::unique_ptr<Gradient> gradient;
};

/// Orders tensors by id. The address distinguishes two tensors to which two threads gave the same
/// id.
using Key = std::pair<std::uint64_t, const Node*>;

/// The reached tensors, newest first. Every tensor is newer than its inputs. When a tensor is at
/// the front, all tensors that were computed from it have been processed, so its gradient is
/// complete.
using Frontier = std::map<Key, Arrival, std::greater<>, Allocator<std::pair<const Key, Arrival>>>;

using Nodes = std::vector<NodePtr, Allocator<NodePtr>>;

/// Runs the backward functions from `root` to the leaves, where `gradient` is the gradient of the
/// loss with respect to the root. gradient_for(node) returns the empty Gradient in which the terms
/// of a reached tensor are added. done(arrival) is called once per tensor, newest first, with the
/// complete gradient, and may move the gradient of a leaf out. Does not change the tensors itself.
template <class GradientFor, class Done>
void walk(const NodePtr& root, Array gradient, GradientFor gradient_for, Done done) {
  Frontier frontier;
  const auto reach = [&](const NodePtr& node) -> Gradient& {
    const Key key(node->id, node.get());
    const auto place = frontier.lower_bound(key);
    if (place != frontier.end() && place->first == key) return *place->second.gradient;
    return *frontier.emplace_hint(place, key, Arrival{node, gradient_for(*node)})->second.gradient;
  };
  reach(root).add(std::move(gradient));
  while (!frontier.empty()) {
    auto front = frontier.extract(frontier.begin());
    Arrival& arrival = front.mapped();
    const Node& node = *arrival.node;
    if (node.released) {
      throw Error(
          "[backward] the graph of this tensor was freed by an earlier backward(); run the forward "
          "pass again, or use gradients() to differentiate twice");
    }
    done(arrival);
    if (node.edges.empty()) continue;
    Array& g = arrival.gradient->array();
    for (const Edge& edge : node.edges) {
      const NodePtr& input = Node::of(edge.input);
      input->storage->require_version(edge.version);
      (*edge.backward)(g, &edge == &node.edges.back(), reach(input));
    }
  }
}

const NodePtr& checked_root(const char* where, const Tensor& tensor) {
  if (!tensor.requires_grad()) {
    throw Error("[" + std::string(where) +
                "] the tensor must depend on a tensor that requires a gradient, but it does not; "
                "call set_requires_grad(true) on a leaf before the forward pass");
  }
  return Node::of(tensor);
}

// Returns the gradient of the loss with respect to itself: 1. Throws unless the loss is one number.
Array unit_gradient(const char* where, const Tensor& loss) {
  if (loss.size() != 1) {
    throw ShapeError("[" + std::string(where) +
                     "] the tensor must have one element, its shape is " + to_string(loss.shape()) +
                     "; reduce it with sum() or mean()" +
                     (where == std::string("backward") ? " or pass its gradient" : ""));
  }
  if (std::isnan(loss.item())) {
    throw Error("[" + std::string(where) +
                "] the loss is nan; lower the learning rate or look for nan in the data");
  }
  return ones(loss.shape());
}

}  // namespace

void Tensor::backward() const {
  checked_root("backward", *this);
  backward(unit_gradient("backward", *this));
}

void Tensor::backward(const Array& gradient) const {
  const NodePtr& root = checked_root("backward", *this);
  require_same_shape("backward", shape(), gradient.shape());
  // The new gradients are computed apart from the tensors, so that nothing has changed if a
  // function throws. They reuse the memory of gradients that were cleared. At the end, where
  // nothing can throw, they are moved to the leaves.
  std::vector<Arrival, Allocator<Arrival>> leaves;
  Nodes walked;
  walk(
      root, gradient,
      [](Node& node) {
        if (node.grad != nullptr && node.grad->empty()) return std::move(node.grad);
        return std::make_unique<Gradient>(node.storage->array.shape());
      },
      [&](Arrival& arrival) {
        if (!arrival.node->is_leaf()) {
          walked.push_back(arrival.node);
          return;
        }
        // array() may allocate memory and throw, so it is called here and not in the loop below.
        const bool added = arrival.node->has_grad();
        if (added) arrival.node->grad->array();
        if (added || arrival.gradient->empty()) arrival.gradient->array();
        leaves.push_back(std::move(arrival));
      });
  for (auto& [leaf, sum] : leaves) {
    if (leaf->has_grad()) {
      add_to(leaf->grad->array(), sum->array());
    } else {
      leaf->grad = std::move(sum);
    }
  }
  for (const NodePtr& node : walked) {
    node->edges.clear();
    node->released = true;
  }
}

std::vector<Array> gradients(const Tensor& loss, const std::vector<Tensor>& wrt) {
  const NodePtr& root = checked_root("gradients", loss);
  for (std::size_t i = 0; i < wrt.size(); ++i) {
    if (!wrt[i].requires_grad()) {
      throw Error("[gradients] tensor " + std::to_string(i) +
                  " of wrt does not require a gradient; call set_requires_grad(true) before use");
    }
  }
  std::vector<Array> result;
  result.reserve(wrt.size());
  for (const Tensor& t : wrt) result.push_back(zeros(t.shape()));
  walk(
      root, unit_gradient("gradients", loss),
      [](const Node& node) { return std::make_unique<Gradient>(node.storage->array.shape()); },
      [&](Arrival& arrival) {
        for (std::size_t i = 0; i < wrt.size(); ++i) {
          if (Node::of(wrt[i]) == arrival.node) result[i] = arrival.gradient->array();
        }
      });
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI
