// SPDX-License-Identifier: MIT
#pragma once

// Code that the micro-benchmarks share. Each source file registers its benchmarks; micro.cpp runs
// them.

#include <benchmark/benchmark.h>

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace micro {

void register_kernels();
void register_ops();
void register_graph();
void register_loader();
void register_loops();

/// Registers the benchmark `body` with a name. It is measured in wall-clock time.
inline void add(const std::string& name, std::function<void(benchmark::State&)> body) {
  benchmark::RegisterBenchmark(name.c_str(), std::move(body))->UseRealTime();
}

/// Tells Google Benchmark how many items one iteration processes.
inline void count_items(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

/// Tells Google Benchmark how many bytes one iteration reads and writes.
inline void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

/// Returns `rows` random class numbers in [0, classes).
inline xgrad::Labels random_labels(std::size_t rows, std::size_t classes) {
  xgrad::Rng rng(0);
  xgrad::Labels labels = xgrad::Labels::from_shape({rows});
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(rng.below(classes));
  return labels;
}

}  // namespace micro
