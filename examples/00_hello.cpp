#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 16, rng), nn::ReLU(), nn::Linear(16, 3, rng)};
  nn::SoftmaxCrossEntropy criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});

  for (int epoch = 0; epoch < 50; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
    }
  }
  auto test = train::evaluate(model, datasets::iris(datasets::Split::test));
  std::cout << "test accuracy " << test.accuracy << " of " << test.count << " flowers\n";
}
