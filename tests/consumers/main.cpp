// SPDX-License-Identifier: MIT
// A program of somebody else: trains a small net on the iris table; exits with 1 below 90 %.
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

int main() {
  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 16, rng), nn::Tanh(), nn::Linear(16, 3, rng));
  optim::Adam optimizer(model.parameters(), {.lr = 0.05});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  for (int epoch = 0; epoch < 20; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
  }
  const double accuracy = train::evaluate(model, datasets::iris(datasets::Split::test)).accuracy;
  std::printf("%zu-byte numbers, test accuracy %.2f\n", sizeof(Scalar), accuracy);
  return accuracy >= 0.9 ? 0 : 1;
}
