// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

// The gradients of the shards are added in one binary tree, which depends on the number of shards
// only. So the result has the same bits, however many processes add them. For 8 shards:
//
//   ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
//
// A process that has the shards 4 to 7 adds them to one node. If the number of shards is not a
// power of two, several nodes remain, and they are added from right to left: 7 shards give
// ((0 + 1) + (2 + 3)) + ((4 + 5) + 6).

/// A node of the tree: the sum of `count` shards, of which `first` is the first one. `count` is a
/// power of two, and `first` is a multiple of it.
struct TreeNode {
  std::size_t first, count;
};

/// Appends a node to the nodes on its left. While the last two are the halves of a node, calls
/// join(i), which must add nodes[i] to the new node, and replaces both by their sum.
template <class Join>
void append_node(std::vector<TreeNode>& nodes, TreeNode node, Join join) {
  while (!nodes.empty()) {
    const TreeNode left = nodes.back();
    if (left.count != node.count || left.first / left.count % 2 != 0) break;
    join(nodes.size() - 1);
    node = {left.first, 2 * left.count};
    nodes.pop_back();
  }
  nodes.push_back(node);
}

/// Adds the nodes that remain. Calls join(i), which must add node i + 1 to node i, from right to
/// left.
template <class Join>
void join_rest(std::vector<TreeNode>& nodes, Join join) {
  for (; nodes.size() > 1; nodes.pop_back()) join(nodes.size() - 2);
}

/// Returns the largest node that begins with the shard `first` and ends before `end`.
inline TreeNode node_at(std::size_t first, std::size_t end) {
  std::size_t count = 1;
  while (first % (2 * count) == 0 && first + 2 * count <= end) count *= 2;
  return {first, count};
}

/// Returns the nodes to which the shards [begin, end) are added.
inline std::vector<TreeNode> nodes_of(std::size_t begin, std::size_t end) {
  std::vector<TreeNode> nodes;
  for (; begin < end; begin += nodes.back().count) nodes.push_back(node_at(begin, end));
  return nodes;
}

}  // namespace xgrad::inline XGRAD_ABI::train
