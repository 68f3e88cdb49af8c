// SPDX-License-Identifier: MIT
// Lesson 11: compare an update rule and a network of your own with those of the library.
//
//   11_own_study iris --optimizers signum,adam --model narrow
#include "compare_optimizers/program.hpp"

#include <array>

using namespace xgrad;

namespace {

struct Signum {
  static constexpr optim::RuleInfo info{.name = "signum", .title = "Signum", .lowest_lr = 1e-4};
  template <class N>
  struct Options {
    N lr = 1e-3, momentum = 0.9;
    static void each(auto& o, auto f) {
      f("lr", "η", optim::Range::non_negative, o.lr);
      f("momentum", "γ", optim::Range::fraction, o.momentum);
    }
  };
  static constexpr std::array states{optim::StateInfo{"velocity", "v"}};
  template <class E>
  static void update(E& theta, const E& g, E& v, const auto& c) {
    v = c.momentum * v + (1 - c.momentum) * g;
    theta = theta - c.lr * sign(v);
  }
};

}  // namespace

int main(int argc, char** argv) {
  compare::add_rule<Signum>();
  compare::add_model("narrow", [](const datasets::Dataset& train, const auto&, Rng& rng) {
    return nn::Sequential{nn::Linear(train.features(), 4, rng), nn::Tanh(),
                          nn::Linear(4, train.classes(), rng)};
  });
  return compare::run_study(argc, argv);
}
