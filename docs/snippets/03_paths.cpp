// SPDX-License-Identifier: MIT
// Prints the numbers for the plots of docs/guide/03-optimizers.md.
//
//   guide_03_paths [RULE LR [STEPS]]
//
// Runs one update rule on the valley J(a, b) = (a^2 + 20 b^2) / 2 from (4, 1). Prints one line for
// each step: the step, a, b, J, and the two coordinates of the point at which the next gradient is
// computed.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <cstdlib>

using namespace xgrad;

namespace {

double at(const Tensor& theta, std::size_t i) { return static_cast<double>(theta.value()(i)); }

Tensor objective(const Tensor& theta) { return sum(Tensor(Array{1, 20}) * theta * theta) / 2; }

void walk(const char* rule, double lr, int steps) {
  Tensor theta(Array{4, 1}, true);
  const auto optimizer = optim::make(rule, {theta}, lr);
  for (int step = 0;; ++step) {
    const double a = at(theta, 0), b = at(theta, 1);
    optimizer->eval();
    const double height = static_cast<double>(objective(theta).item());
    std::printf("%3d %8.4f %8.4f %9.3g %8.4f %8.4f\n", step, at(theta, 0), at(theta, 1), height, a,
                b);
    optimizer->train();
    if (step == steps) return;
    optimizer->zero_grad();
    objective(theta).backward();
    optimizer->step();
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    walk(argc > 1 ? argv[1] : "sgd", argc > 2 ? std::atof(argv[2]) : 0.05,
         argc > 3 ? std::atoi(argv[3]) : 40);
  } catch (const Error& error) {
    std::fprintf(stderr, "guide_03_paths: %s\n", error.what());
    return 1;
  }
}
