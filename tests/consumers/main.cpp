// SPDX-License-Identifier: MIT
// A consumer's program: trains a small network on iris. It also derives a class from nn::Module and
// catches xgrad's exceptions, which works only if the program and the library agree on their types.
// The exit status is 1 if the accuracy is below 90 % or if an exception is not caught.
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace {

struct Mlp : nn::Module {
  explicit Mlp(Rng& rng)
      : layers(register_module(
            "layers", nn::Sequential(nn::Linear(4, 16, rng), nn::Tanh(), nn::Linear(16, 3, rng)))) {
  }
  Tensor forward(const Tensor& x) override { return layers(x); }
  nn::Sequential& layers;
};

bool errors_are_caught(Mlp& model) {
  try {
    model(Tensor(zeros({1, 5})));
  } catch (const ShapeError&) {
    try {
      optim::make("adamant", model.parameters());
    } catch (const Error& error) {
      return dynamic_cast<const OptionError*>(&error) != nullptr;
    }
  }
  return false;
}

}  // namespace

int main() {
  Rng rng(1);
  Mlp model(rng);
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
  return accuracy >= 0.9 && errors_are_caught(model) ? 0 : 1;
}
