// SPDX-License-Identifier: MIT
// Text for people: the elements of a tensor, and its graph.
#include <xgrad/autograd/tensor.hpp>

#include <xgrad/autograd/internal/node.hpp>

#if __has_include(<xtensor/io/xio.hpp>)
#include <xtensor/io/xio.hpp>  // since xtensor 0.26
#else
#include <xtensor/xio.hpp>
#endif

#include <ostream>
#include <unordered_map>
#include <unordered_set>

namespace xgrad::inline XGRAD_ABI {

using detail::Node;

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  if (tensor.size() > 0) {
    out << tensor.value();
  } else {
    out << "{}";
  }
  return out << "\nshape " << to_string(tensor.shape()) << ", requires_grad "
             << (tensor.requires_grad() ? "true" : "false");
}

std::vector<Tensor> graph_of(const Tensor& result) {
  std::vector<Tensor> found{result};
  std::unordered_set<const Node*> seen{Node::of(result).get()};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const detail::Edge& edge : Node::of(found[i])->edges) {
      if (seen.insert(Node::of(edge.input).get()).second) found.push_back(edge.input);
    }
  }
  return found;
}

std::string to_dot(const Tensor& result, const std::vector<std::pair<std::string, Tensor>>& names) {
  const std::vector<Tensor> found = graph_of(result);
  std::unordered_map<const Node*, std::string> name_of;
  for (const auto& [name, tensor] : names) name_of.emplace(Node::of(tensor).get(), name);
  std::unordered_map<const Node*, std::string> box_of;
  for (const Tensor& tensor : found) {
    box_of.emplace(Node::of(tensor).get(), "n" + std::to_string(box_of.size()));
  }
  std::string boxes, arrows;
  for (const Tensor& tensor : found) {
    const Node& node = *Node::of(tensor);
    if (node.released) {
      throw Error(
          "[to_dot] the tensor must have its graph, but backward() has freed it; call to_dot() "
          "before backward()");
    }
    const std::string& box = box_of.at(&node);
    const auto named = name_of.find(&node);
    const std::string title = named != name_of.end() ? named->second
                              : node.is_leaf()       ? "leaf"
                                                     : node.op;
    boxes += "  " + box + " [label=\"" + title + "\\n" + to_string(node.storage->array.shape()) +
             "\"" + (node.is_leaf() ? ", style=filled];\n" : "];\n");
    for (const detail::Edge& edge : node.edges) {
      arrows += "  " + box_of.at(Node::of(edge.input).get()) + " -> " + box + ";\n";
    }
  }
  return "digraph {\n  node [shape=box];\n" + boxes + arrows + "}\n";
}

}  // namespace xgrad::inline XGRAD_ABI
