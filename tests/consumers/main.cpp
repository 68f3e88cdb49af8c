// SPDX-License-Identifier: MIT
// A consumer's program: trains a small network on iris. It also derives a class from nn::Module and
// catches xgrad's exceptions, which works only if the program and the library agree on their types,
// and has an op and an update rule of its own. The exit status is 1 if the accuracy is below 90 %,
// if an exception is not caught, or if the op or the rule computes a wrong number.
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

Tensor cube(const Tensor& x) {
  const SavedArray saved(x);
  const Array& v = x.value();
  return record("cube", Array(v * v * v),
                wrt(x, [saved](const Array& g, Gradient& dx) { dx.add(3 * *saved * *saved * g); }));
}

class Descent final : public optim::Optimizer {
 public:
  Descent(std::vector<Tensor> parameters, double lr, double scale)
      : Optimizer("descent", std::move(parameters), lr, 0), scale_(scale) {
    add_option("scale", scale, Range::positive);
  }

 private:
  void update(std::size_t, std::size_t, std::size_t n, Scalar* theta, ScaledSpan g) override {
    const Scalar factor = lr() * static_cast<Scalar>(scale_) * g.factor;
    for (std::size_t i = 0; i < n; ++i) theta[i] -= factor * g.values[i];
  }
  double scale_;
};

bool own_op_and_rule_work() {
  const Tensor x(Array{2, -1}, true);
  Descent optimizer({x}, 0.25, 0.5);
  sum(cube(x)).backward();  // the gradient is (12, 3)
  optimizer.step();
  return x.value() == Array{0.5, -1.375};
}

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
  return accuracy >= 0.9 && errors_are_caught(model) && own_op_and_rule_work() ? 0 : 1;
}
