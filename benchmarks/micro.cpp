// SPDX-License-Identifier: MIT
// Micro-benchmarks of every kernel and op, of batch assembly and of the graph itself:
//
//   micro --benchmark_filter=op/matmul
//
// Ops use every core that the process may (`taskset -c 0` leaves one); kernels run on the calling
// thread.
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
  benchmark::RunSpecifiedBenchmarks();
}
