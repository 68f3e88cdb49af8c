// SPDX-License-Identifier: MIT
// Micro-benchmarks of all kernels and ops, of batch assembly and of the graph:
//
//   micro --benchmark_filter=op/matmul
//
// Ops use all cores that the process may use (`taskset -c 0` limits them to one). Kernels run on
// the calling thread.
#include "micro.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("blas", xgrad::blas_name());
  benchmark::AddCustomContext("simd", xgrad::simd_name());
  benchmark::AddCustomContext("threads", std::to_string(xgrad::num_threads()));
  micro::register_kernels();
  micro::register_ops();
  micro::register_graph();
  micro::register_loader();
  micro::register_loops();
  benchmark::RunSpecifiedBenchmarks();
}
