// SPDX-License-Identifier: MIT
// Measures the cost of the graph: a chain of ops on one number, so that nearly all of the time is
// spent on recording nodes, on the backward pass and on freeing nodes. pytorch_graph.py measures
// the same chain in PyTorch.
#include "micro.hpp"

#include <chrono>

namespace micro {
namespace {

using namespace xgrad;

/// Returns the result of `ops` ops, which multiply by 1.0001 and add 0.1 in turn.
Tensor chain(const Tensor& x, std::size_t ops) {
  Tensor y = x;
  for (std::size_t i = 0; i < ops; i += 2) y = y * 1.0001 + 0.1;
  return y;
}

/// Measures run(), which returns the time of the forward or the backward pass of one chain. Reports
/// the time of one op.
template <class Run>
void measure(benchmark::State& state, std::size_t ops, Run run) {
  for (auto _ : state) state.SetIterationTime(run().count());
  state.counters["per_op"] =
      benchmark::Counter(static_cast<double>(ops), benchmark::Counter::kIsIterationInvariantRate |
                                                       benchmark::Counter::kInvert);
}

/// Returns the time that f() takes.
template <class F>
std::chrono::duration<double> time(F f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

void register_graph() {
  for (const std::size_t ops : {1000u, 100000u}) {
    const auto add_chain = [ops](const char* name, auto run) {
      const std::string full = std::string("graph/") + name + "/" + std::to_string(ops);
      benchmark::RegisterBenchmark(full.c_str(), [=](benchmark::State& state) {
        measure(state, ops, [&] { return run(Tensor(ones({}), true), ops); });
      })->UseManualTime();
    };
    add_chain("forward_without_graph", [](const Tensor& x, std::size_t n) {
      const NoGradGuard guard;
      return time([&] { chain(x, n); });
    });
    add_chain("forward", [](const Tensor& x, std::size_t n) {
      Tensor y;
      return time([&] { y = chain(x, n); });
    });
    add_chain("backward", [](const Tensor& x, std::size_t n) {
      const Tensor y = chain(x, n);
      return time([&] { y.backward(); });
    });
  }
}

}  // namespace micro
