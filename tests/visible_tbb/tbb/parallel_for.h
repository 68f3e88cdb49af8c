// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <vector>

namespace tbb {

struct simple_partitioner {};

/// Calls body(i) for each i of [first, last), each on a thread of its own, the first on the
/// caller's.
template <class Body>
void parallel_for(std::size_t first, std::size_t last, const Body& body, simple_partitioner) {
  if (first == last) return;
  std::vector<std::future<void>> others;
  for (std::size_t i = first + 1; i < last; ++i) {
    others.push_back(std::async(std::launch::async, std::cref(body), i));
  }
  body(first);
  for (std::future<void>& other : others) other.get();
}

}  // namespace tbb
