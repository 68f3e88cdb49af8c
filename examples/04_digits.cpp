// SPDX-License-Identifier: MIT
// Lesson 4: classification with an explicit training loop. A small network learns the 8 x 8 digits
// that are part of the library.
//
//   04_digits
//
// Prints the test accuracy after each epoch. Exits with 1 unless the last accuracy is at least 93 %
// (usually it is 95 %). Takes about a second.
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

int main() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 64, rng), nn::ReLU(), nn::Linear(64, 10, rng)};
  nn::SoftmaxCrossEntropy criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 3e-3});
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 32});
  const datasets::Dataset test = datasets::digits(datasets::Split::test);

  train::Evaluation result;
  for (int epoch = 1; epoch <= 20; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
    }
    result = train::evaluate(model, test);
    std::printf("epoch %2d  test loss %.4f  test accuracy %.2f ± %.2f %%\n", epoch, result.loss,
                100 * result.accuracy, 100 * result.accuracy_stderr);
  }
  return result.accuracy >= 0.93 ? 0 : 1;
}
