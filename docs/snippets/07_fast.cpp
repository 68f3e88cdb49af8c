// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/07-making-it-fast.md.
#include "show.hpp"

#include <xgrad/autograd/testing.hpp>

#include <chrono>

using namespace xgrad;

namespace {

void machine() {
  std::printf("%s | %s | %d threads\n", blas_name().c_str(), simd_name().c_str(), num_threads());
}

/// Returns the shortest time of twenty training steps, in microseconds. The first step is slower,
/// because it fills the memory cache.
double step_time(std::size_t rows) {
  Rng rng(0);
  nn::Sequential model{nn::Linear(784, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng)};
  optim::Adam optimizer(model.parameters());
  const Tensor x(rng.uniform({rows, 784}, 0, 1));
  Labels y = Labels::from_shape({rows});
  y.fill(3);

  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int step = 0; step < 20; ++step) {
    const auto start = Clock::now();
    optimizer.zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer.step();
    const std::chrono::duration<double, std::micro> time = Clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

void batch_sizes() {
  for (const std::size_t rows : {1u, 8u, 64u, 512u}) {
    const double time = step_time(rows);
    std::printf("batch %3zu  %7.1f us a step  %5.2f us a sample\n", rows, time,
                time / static_cast<double>(rows));
  }
}

void threads() {
  for (const int count : {1, 2}) {
    set_num_threads(count);
    std::printf("%d thread(s)  batch 512: %.0f us\n", num_threads(), step_time(512));
  }
}

void inference() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 32, rng), nn::ReLU(), nn::Linear(32, 10, rng)};
  const Tensor x(ones({8, 64}));
  const std::size_t before = live_tensors();
  {
    const Tensor logits = model(x);
    std::printf("recorded: %zu tensors alive\n", live_tensors() - before);
  }
  const NoGradGuard no_grad;
  const Tensor logits = model(x);
  std::printf("under NoGradGuard: %zu\n", live_tensors() - before);
}

}  // namespace

int main() {
  machine();
  batch_sizes();
  threads();
  inference();
}
