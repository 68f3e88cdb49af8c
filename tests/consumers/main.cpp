// SPDX-License-Identifier: MIT
// A consumer's program: trains a small network on iris. It also derives a class from nn::Module and
// catches xgrad's exceptions, which works only if the program and the library agree on their types,
// and has an op and an update rule of its own. The exit status is 1 if the accuracy is below 90 %,
// if an exception is not caught, or if the op or the rule computes a wrong number.
#include <xgrad/xgrad.hpp>

#include <array>
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

struct Descent {
  static constexpr optim::RuleInfo info{.name = "descent"};
  template <class N>
  struct Options {
    N lr = 0.1, scale = 1;
    static void each(auto& o, auto f) {
      f("lr", "η", optim::Range::non_negative, o.lr);
      f("scale", "α", optim::Range::positive, o.scale);
    }
  };
  static constexpr std::array<optim::StateInfo, 0> states{};
  template <class E>
  static void update(E& theta, const E& g, const auto& c) {
    theta = theta - c.lr * c.scale * g;
  }
};

bool own_op_and_rule_work() {
  const Tensor x(Array{2, -1}, true);
  optim::RuleOptimizer<Descent> optimizer({x}, {.lr = 0.25, .scale = 0.5});
  sum(cube(x)).backward();  // the gradient is (12, 3)
  optimizer.step();
  return x.value() == Array{0.5, -1.375} && optimizer.formula() == "θ ← θ − η α g";
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
