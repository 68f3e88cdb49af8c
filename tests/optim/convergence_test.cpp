// SPDX-License-Identifier: MIT
// A table of problems that every update rule with a learning rate in the table must solve.
#include "rules.hpp"

namespace xgrad::test {
namespace {

struct Problem {
  const char* name;
  std::vector<Array> start;
  Tensor (*loss)(const std::vector<Tensor>&);
  double solved;  ///< loss below which the problem counts as solved
  int steps;
  std::vector<double> learning_rates;  ///< of the first rules of kRules
};
void PrintTo(const Problem& problem, std::ostream* out) { *out << problem.name; }

// A quadratic with curvatures 1 and 100. Its minimum is 0 at (3, -1).
Tensor bowl(const std::vector<Tensor>& p) {
  const Tensor curvature(Array{1, 100}), centre(Array{3, -1});
  return sum(curvature * pow(p[0] - centre, 2)) / 2;
}

// 100 (y - x^2)^2 + (1 - x)^2. Its minimum is 0 at (1, 1), at the end of a curved valley.
Tensor rosenbrock(const std::vector<Tensor>& p) {
  const Tensor x = slice(p[0], 0, 0, 1), y = slice(p[0], 0, 1, 2);
  return sum(100 * pow(y - x * x, 2) + pow(1 - x, 2));
}

// Six points of the plane in three classes, which lines can separate.
Tensor classification(const std::vector<Tensor>& p) {
  const Tensor x(Array{{2, 0}, {3, 0.5F}, {-1, 2}, {-2, 3}, {-1, -2}, {-2, -3}});
  return cross_entropy(linear(x, p[0], p[1]), Labels{0, 0, 1, 1, 2, 2});
}

// Five points on the plane y = 2 x_1 - x_2 + 0.5.
Tensor regression(const std::vector<Tensor>& p) {
  const Tensor x(Array{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, -1}});
  const Tensor target(Array{0.5F, 2.5F, -0.5F, 1.5F, 5.5F});
  return mse_loss(reshape(linear(x, p[0], p[1]), {5}), target);
}

std::vector<Problem> problems() {
  return {
      {"bowl",
       {Array{-1, 1}},
       bowl,
       1e-3,
       2000,
       {0.01, 0.005, 0.005, 0.5, 0.004, 0.05, 0.05, 0.05, 1, 0.002}},
      {"rosenbrock",
       {Array{-1.2F, 1}},
       rosenbrock,
       1e-2,
       10000,
       {0.001, 0.0005, 0.0005, 0.5, 0.001, 0.01, 0.01, 0.01, 0.03, 0.0003}},
      {"classification",
       {zeros({3, 2}), zeros({3})},
       classification,
       1e-2,
       1000,
       {0.5, 0.1, 0.1, 0.5, 0.01, 0.05, 0.05, 0.05, 1, 0.01}},
      {"regression",
       {zeros({1, 2}), zeros({1})},
       regression,
       1e-4,
       2000,
       {0.1, 0.05, 0.05, 0.5, 0.002, 0.05, 0.05, 0.05, 0.4, 0.002}},
  };
}

class ConvergenceTest : public ::testing::TestWithParam<std::tuple<std::size_t, Problem>> {};

TEST_P(ConvergenceTest, ReachesTheMinimum) {
  const auto& [i, problem] = GetParam();
  std::vector<Tensor> parameters;
  for (const Array& start : problem.start) parameters.emplace_back(start, true);
  const auto optimizer = optim::make(kRules[i].name, parameters, problem.learning_rates[i]);
  ASSERT_GT(problem.loss(parameters).item(), 10 * problem.solved) << "the start is too easy";
  for (int step = 0; step < problem.steps; ++step) {
    optimizer->zero_grad();
    problem.loss(parameters).backward();
    optimizer->step();
  }
  optimizer->eval();
  EXPECT_LT(problem.loss(parameters).item(), problem.solved);
}

INSTANTIATE_TEST_SUITE_P(RulesAndProblems, ConvergenceTest,
                         ::testing::Combine(::testing::Range(std::size_t{0},
                                                             problems()[0].learning_rates.size()),
                                            ::testing::ValuesIn(problems())),
                         [](const auto& row) {
                           return std::string(kRules[std::get<0>(row.param)].name) + "_" +
                                  std::get<1>(row.param).name;
                         });

}  // namespace
}  // namespace xgrad::test
