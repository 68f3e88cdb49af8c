// SPDX-License-Identifier: MIT
// Lesson 3: compare the six update rules on a problem with two parameters.
//
//   03_optimizers
//
// J(a, b) = (a^2 + 20 b^2) / 2 is a valley whose curvature across is twenty times that along it.
// Each rule starts at (4, 1), where J = 18, and takes 60 steps. Prints the positions. Exits with 1
// unless each rule ends with J below 0.05. Takes less than a second.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

struct Rule {
  const char* name;
  double lr;
};

// Each rule has its own learning rate, because the rules scale gradients differently.
const std::vector<Rule> kRules{{"sgd", 0.09},    {"momentum", 0.02}, {"nag", 0.02},
                               {"adagrad", 1.0}, {"rmsprop", 0.15},  {"adam", 0.3}};

Tensor objective(const Tensor& theta) {
  const Tensor curvature(Array{1, 20});
  return sum(curvature * theta * theta) / 2.0;
}

/// One rule, its parameters and its optimizer.
struct Run {
  explicit Run(const Rule& rule) : optimizer(optim::make(rule.name, {theta}, rule.lr)) {}

  void step() {
    optimizer->zero_grad();
    const Tensor loss = objective(theta);
    loss.backward();
    optimizer->step();
  }
  /// Returns theta. For NAG this needs eval(), because its parameters contain the look-ahead point
  /// during training.
  Array position() {
    optimizer->eval();
    Array here = theta.value();
    optimizer->train();
    return here;
  }

  Tensor theta{Array{4, 1}, true};
  std::unique_ptr<optim::Optimizer> optimizer;
};

}  // namespace

int main() {
  std::puts("J(a, b) = (a^2 + 20 b^2) / 2, from (4, 1)\n");
  std::vector<std::unique_ptr<Run>> runs;
  for (const Rule& rule : kRules) {
    std::printf("%s with η = %g\n%s\n\n", rule.name, rule.lr, optim::formula(rule.name).c_str());
    runs.push_back(std::make_unique<Run>(rule));
  }
  std::printf("step");
  for (const Rule& rule : kRules) std::printf("  %15s", rule.name);
  for (int step = 0; step <= 60; ++step) {
    if (step < 6 || step % 10 == 0) {
      std::printf("\n%4d", step);
      for (auto& run : runs) {
        const Array at = run->position();
        std::printf("  (%6.3f,%6.3f)", static_cast<double>(at(0)), static_cast<double>(at(1)));
      }
    }
    for (auto& run : runs) {
      if (step < 60) run->step();
    }
  }
  std::printf("\n   J");
  bool all_arrived = true;
  for (auto& run : runs) {
    const double reached = static_cast<double>(objective(Tensor(run->position())).item());
    all_arrived = all_arrived && reached < 0.05;
    std::printf("  %15.6f", reached);
  }
  std::printf("\n\nEvery J below 0.05: %s\n", all_arrived ? "yes" : "no");
  return all_arrived ? 0 : 1;
}
