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

std::string to_dot(const Tensor& result, const std::vector<std::pair<std::string, Tensor>>& names) {
  std::unordered_map<const Node*, std::string> name_of;
  for (const auto& [name, tensor] : names) name_of.emplace(Node::of(tensor).get(), name);
  std::unordered_map<const Node*, std::size_t> number_of;
  std::vector<const Node*> nodes;  // in the order in which they are found
  const auto number = [&](const Tensor& tensor) {
    const Node* const node = Node::of(tensor).get();
    const auto [place, is_new] = number_of.emplace(node, nodes.size());
    if (is_new) nodes.push_back(node);
    return std::to_string(place->second);
  };
  std::string boxes, arrows;
  number(result);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = *nodes[i];
    const auto named = name_of.find(&node);
    const std::string title = named != name_of.end() ? named->second
                              : node.is_leaf()       ? "leaf"
                                                     : node.op;
    boxes += "  n" + std::to_string(i) + " [label=\"" + title + "\\n" +
             to_string(node.storage->array.shape()) + "\"" +
             (node.is_leaf() ? ", style=filled];\n" : "];\n");
    for (const detail::Edge& edge : node.edges) {
      arrows += "  n" + number(edge.input) + " -> n" + std::to_string(i) + ";\n";
    }
  }
  return "digraph {\n  node [shape=box];\n" + boxes + arrows + "}\n";
}

}  // namespace xgrad::inline XGRAD_ABI
