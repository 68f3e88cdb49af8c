// SPDX-License-Identifier: MIT
// The backward walk: reverse-mode differentiation over the recorded graph.
#include <xgrad/autograd/internal/node.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace xgrad::inline XGRAD_ABI {

using detail::Edge;
using detail::Node;
using detail::NodePtr;

namespace {

/// A tensor that the walk has reached, and what has arrived there.
struct Arrival {
  NodePtr node;
  std::unique_ptr<Gradient> gradient;
};

/// By id, and by address where two threads gave the same one.
using Key = std::pair<std::uint64_t, const Node*>;

/// Reached tensors, newest first. A tensor is newer than its inputs, so when it comes to the front
/// everything computed from it has been walked, and its cotangent is complete.
using Frontier = std::map<Key, Arrival, std::greater<>, Allocator<std::pair<const Key, Arrival>>>;

using Nodes = std::vector<NodePtr, Allocator<NodePtr>>;

/// Walks from `root` to the leaves. gradient_for(node) gives each reached tensor its place to
/// gather; done(arrival) is called once for each, newest first, with the complete cotangent, and
/// may take it of a leaf. Nothing outside the walk changes.
template <class GradientFor, class Done>
void walk(const NodePtr& root, Array cotangent, GradientFor gradient_for, Done done) {
  Frontier frontier;
  const auto reach = [&](const NodePtr& node) -> Gradient& {
    const Key key(node->id, node.get());
    const auto place = frontier.lower_bound(key);
    if (place != frontier.end() && place->first == key) return *place->second.gradient;
    return *frontier.emplace_hint(place, key, Arrival{node, gradient_for(*node)})->second.gradient;
  };
  reach(root).add(std::move(cotangent));
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
                "] the tensor does not depend on anything that requires a gradient");
  }
  return Node::of(tensor);
}

Array unit_cotangent(const char* where, const Tensor& loss) {
  if (loss.size() != 1) {
    throw ShapeError("[" + std::string(where) +
                     "] the tensor must have one element, its shape is " + to_string(loss.shape()) +
                     "; reduce it with sum() or mean()" +
                     (where == std::string("backward") ? " or pass a cotangent" : ""));
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
  backward(unit_cotangent("backward", *this));
}

void Tensor::backward(const Array& cotangent) const {
  const NodePtr& root = checked_root("backward", *this);
  require_same_shape("backward", shape(), cotangent.shape());
  // Gradients are gathered beside the tensors, in the memory of the last ones where it is free, and
  // handed over at the end, where nothing can throw.
  std::vector<Arrival, Allocator<Arrival>> leaves;
  Nodes walked;
  walk(
      root, cotangent,
      [](Node& node) {
        if (node.grad != nullptr && node.grad->empty()) return std::move(node.grad);
        return std::make_unique<Gradient>(node.storage->array.shape());
      },
      [&](Arrival& arrival) {
        if (!arrival.node->is_leaf()) {
          walked.push_back(arrival.node);
          return;
        }
        const bool added = arrival.node->has_grad();
        if (added) arrival.node->grad->array();
        if (added || arrival.gradient->empty()) arrival.gradient->array();
        leaves.push_back(std::move(arrival));
      });
  for (auto& [leaf, gradient] : leaves) {
    if (leaf->has_grad()) {
      add_to(leaf->grad->array(), gradient->array());
    } else {
      leaf->grad = std::move(gradient);
    }
  }
  for (const NodePtr& node : walked) {  // newest first: no node frees another one's inputs
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
      root, unit_cotangent("gradients", loss),
      [](const Node& node) { return std::make_unique<Gradient>(node.storage->array.shape()); },
      [&](Arrival& arrival) {
        for (std::size_t i = 0; i < wrt.size(); ++i) {
          if (Node::of(wrt[i]) == arrival.node) result[i] = arrival.gradient->array();
        }
      });
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI
