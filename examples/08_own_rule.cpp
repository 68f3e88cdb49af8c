// SPDX-License-Identifier: MIT
// Lesson 8: write an update rule of your own.
//
//   08_own_rule
//
// AdaMax is not in the library. Written once, as arithmetic on one element, it trains, writes its
// formula and explains its steps. Trains a network on the wine table. Exits with 1 unless the test
// accuracy is at least 0.9. Takes less than a second.
#include <xgrad/xgrad.hpp>

#include <array>
#include <cstdio>

using namespace xgrad;
using optim::Range, optim::StateInfo;

namespace {

// AdaMax (Kingma and Ba 2015) divides by the largest recent gradient, which decays.
struct AdaMax {
  static constexpr optim::RuleInfo info{.name = "adamax"};
  template <class N>
  struct Options {
    N lr = 2e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    static void each(auto& o, auto f) {
      f("lr", "η", Range::non_negative, o.lr);
      f("beta1", "β₁", Range::fraction, o.beta1);
      f("beta2", "β₂", Range::fraction, o.beta2);
      f("eps", "ε", Range::positive, o.eps);
    }
  };
  static constexpr std::array states{StateInfo{"mean", "m"}, StateInfo{"largest", "u"}};
  template <class N>
  struct Step {
    N correction = 1;
  };
  static void begin_step(auto& c) { c.correction = one_minus_pow(c.beta1, c.t); }
  template <class E>
  static void update(E& theta, const E& g, E& m, E& u, const auto& c) {
    m = c.beta1 * m + (1 - c.beta1) * g;
    u = maximum(c.beta2 * u, abs(g));
    theta = theta - c.lr / c.correction * m / (u + c.eps);
  }
};

}  // namespace

int main() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(13, 16, rng), nn::ReLU(), nn::Linear(16, 3, rng)};
  optim::RuleOptimizer<AdaMax> optimizer(model.parameters(), {.lr = 0.01});
  std::printf("%s\n\n", optimizer.formula().c_str());

  const Tensor weight = model.parameters()[0];
  datasets::DataLoader loader(datasets::wine(datasets::Split::train), {.batch_size = 16});
  for (int epoch = 0; epoch < 30; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      if (optimizer.step_count() == 2) {
        std::printf("step 3 of weight[0,1]\n%s\n", explain(optimizer, weight, {0, 1}).c_str());
      }
      optimizer.step();
    }
  }
  const double accuracy = train::evaluate(model, datasets::wine(datasets::Split::test)).accuracy;
  std::printf("\ntest accuracy %.3f\n", accuracy);
  return accuracy >= 0.9 ? 0 : 1;
}
