// SPDX-License-Identifier: MIT
// A shared object that links xgrad. The test loads it as a program loads a plugin.
#include <xgrad/xgrad.hpp>

using namespace xgrad;

/// Trains a network for one epoch on this number of threads. Returns the sum of its parameters, or
/// -1 if an exception is thrown.
extern "C" double train_a_little(int threads) {
  try {
    set_num_threads(threads);
    Rng rng(1);
    nn::Sequential model(nn::Linear(64, 1100, rng), nn::ReLU(), nn::Linear(1100, 10, rng));
    optim::Adam optimizer(model.parameters());
    datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 256});
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
    double total = 0;
    for (const Tensor& p : model.parameters()) total += static_cast<double>(sum(p).item());
    return total;
  } catch (...) {
    return -1;
  }
}
