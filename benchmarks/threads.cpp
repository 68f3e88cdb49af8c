// SPDX-License-Identifier: MIT
// Compares ways to compute the matrix products of a training step on two cores: two halves on the
// threads of OpenMP or oneTBB with BLAS limited to one thread, and BLAS's own threads. Also
// measures one thread. docs/threads.md contains results. `threads [BUSY]`: meanwhile, BUSY other
// threads run in a busy loop.
#include <cblas.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

using Body = std::function<void(int begin, int end)>;

struct Way {
  const char* name;
  int blas_threads;
  void (*split)(int n, const Body& body);
};

const Way kWays[] = {
    {"one thread", 1, [](int n, const Body& body) { body(0, n); }},
    {"OpenMP", 1,
     [](int n, const Body& body) {
#pragma omp parallel for schedule(static, 1) num_threads(2)
       for (int part = 0; part < 2; ++part) body(n * part / 2, n * (part + 1) / 2);
     }},
    {"oneTBB", 1,
     [](int n, const Body& body) {
       tbb::parallel_for(
           0, 2, [&](int part) { body(n * part / 2, n * (part + 1) / 2); },
           tbb::simple_partitioner());
     }},
    {"BLAS", 2, [](int n, const Body& body) { body(0, n); }},
};

struct Product {
  int m, n, k;
};

double microseconds(const Way& way, const Product& p) {
  using Clock = std::chrono::steady_clock;
  openblas_set_num_threads(way.blas_threads);
  std::vector<float> a(static_cast<std::size_t>(p.m * p.k), 0.5f);
  std::vector<float> b(static_cast<std::size_t>(p.n * p.k), 0.5f);
  std::vector<float> c(static_cast<std::size_t>(p.m * p.n));
  const auto product = [&] {
    way.split(p.m, [&](int begin, int end) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, end - begin, p.n, p.k, 1,
                  a.data() + begin * p.k, p.k, b.data(), p.k, 0, c.data() + begin * p.n, p.n);
    });
  };
  // As in a training step, work on one thread comes between two products.
  const auto between = [&] {
    for (int i = 0; i < 5000; ++i) a[static_cast<std::size_t>(i)] += 1e-9f;
  };
  const auto run = [&](int count) {
    double total = 0;
    for (int i = 0; i < count; ++i) {
      between();
      const auto start = Clock::now();
      product();
      total += std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    }
    return total / count;
  };
  run(3);
  const int count = std::clamp(static_cast<int>(5e4 / run(1)), 1, 5000);
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) times.push_back(run(count));
  std::sort(times.begin(), times.end());
  return times[2];
}

}  // namespace

int main(int argc, char** argv) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  for (int i = 0; i < (argc > 1 ? std::atoi(argv[1]) : 0); ++i) {
    busy.emplace_back([&] {
      while (!stop.load(std::memory_order_relaxed)) {
      }
    });
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, 2);
  std::printf("%-16s", "microseconds");
  for (const Way& way : kWays) std::printf(" %12s", way.name);
  std::printf("\n");
  for (const Product& p :
       {Product{16, 128, 784}, Product{64, 128, 784}, Product{128, 128, 784},
        Product{512, 128, 784}, Product{64, 1000, 784}, Product{512, 1000, 784}}) {
    std::printf("%4d x %4d x %3d", p.m, p.n, p.k);
    for (const Way& way : kWays) std::printf(" %12.1f", microseconds(way, p));
    std::printf("\n");
    std::fflush(stdout);
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
}
