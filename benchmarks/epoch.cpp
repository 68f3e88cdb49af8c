// SPDX-License-Identifier: MIT
// Measures how much of train_mnist's time is spent on reading the files, on assembling batches, and
// on training.
//
//   epoch MNIST_FOLDER [THREADS]
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

using namespace xgrad;

namespace {

/// Returns the seconds that f() takes.
template <class F>
double seconds(F f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s MNIST_FOLDER [THREADS]\n", argv[0]);
    return 2;
  }
  if (argc > 2) set_num_threads(std::atoi(argv[2]));
  std::optional<datasets::Dataset> data;
  const double reading = seconds([&] { data = datasets::mnist(argv[1], datasets::Split::train); });
  datasets::DataLoader loader(*data);
  Rng rng(0);
  nn::Sequential model(nn::Linear(784, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng));
  optim::Adam optimizer(model.parameters());

  // The shortest of several repetitions, so that other programs do not distort the ratio.
  double assembly = std::numeric_limits<double>::infinity(), training = assembly;
  for (int round = 0; round < 5; ++round) {
    double checksum = 0;
    assembly = std::min(assembly, seconds([&] {
                          for (auto& [x, y] : loader)
                            checksum += static_cast<double>(x.value().data()[y(0)]);
                        }));
    training = std::min(training, seconds([&] {
                          for (auto& [x, y] : loader) {
                            optimizer.zero_grad();
                            const Tensor loss = cross_entropy(model(x), y);
                            loss.backward();
                            optimizer.step();
                          }
                        }));
    if (checksum < 0) return 1;  // never true; keeps the compiler from removing the loop
  }
  std::printf("784-128-10, Adam, batch 64, %d thread%s\n", num_threads(),
              num_threads() == 1 ? "" : "s");
  std::printf("reading the training files        %7.1f ms\n", 1e3 * reading);
  std::printf("one epoch, batches only           %7.1f ms\n", 1e3 * assembly);
  std::printf("one epoch of training             %7.1f ms, %.1f %% of it for batches\n",
              1e3 * training, 100 * assembly / training);
}
