// SPDX-License-Identifier: MIT
// Trains four small networks, one in each thread of an OpenMP team, and logs with spdlog. The exit
// status is 1 if an accuracy is below 90 % or if two of them differ.
#include <xgrad/xgrad.hpp>

#include <omp.h>
#include <spdlog/spdlog.h>

#include <array>
#include <string>

using namespace xgrad;

std::string formatted(double accuracy);

namespace {

double trained_accuracy() {
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
  return train::evaluate(model, datasets::iris(datasets::Split::test)).accuracy;
}

}  // namespace

int main() {
  std::array<double, 4> accuracy{};
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 4; ++i) accuracy[i] = trained_accuracy();
  bool good = true;
  for (const double one : accuracy) {
    spdlog::info("{}", formatted(one));
    good = good && one >= 0.9 && one == accuracy[0];
  }
  return good ? 0 : 1;
}
