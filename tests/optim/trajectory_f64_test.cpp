// SPDX-License-Identifier: MIT
// Compares every step of the six update rules with the numbers of
// reference/optimizer_trajectories.py, which documents the objective and the source of the numbers.
#include "rules.hpp"

#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

namespace xgrad::test {
namespace {

using optim::Optimizer;

struct Row {
  std::string rule;
  double weight_decay;
  int step;
  std::vector<double> theta;
};

std::vector<Row> read_table() {
  std::ifstream file(XGRAD_SOURCE_DIR "/tests/reference/optimizer_trajectories.csv");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("rule,")) continue;
    std::istringstream cells(line);
    std::string rule, decay, step;
    std::getline(std::getline(std::getline(cells, rule, ','), decay, ','), step, ',');
    Row row{rule, std::stod(decay), std::stoi(step), {}};
    for (std::string cell; std::getline(cells, cell, ',');) row.theta.push_back(std::stod(cell));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Returns an array whose element at the flat index i is formula(i).
template <class Formula>
Array table(const Shape& shape, Formula formula) {
  Array array = empty(shape);
  for (int i = 0; i < static_cast<int>(array.size()); ++i) array.data()[i] = formula(i);
  return array;
}

struct Objective {
  /// Parameter k of the reference script and its coefficients.
  struct Part {
    Part(int k, const Shape& shape, double scale_)
        : scale(scale_),
          p(table(shape, [k](int i) { return ((13 * i + 7 * k) % 17 - 8.25) / 8; }), true),
          target(table(shape, [k](int i) { return ((5 * i + 3 * k) % 11 - 4.5) / 8; })),
          weight(table(shape, [k](int i) { return 0.5 + (7 * i + k) % 5 / 4.0; })),
          coupling(table(shape, [k](int i) { return ((3 * i + k) % 7 - 3) / 8.0; })) {}
    double scale;
    Tensor p, target, weight, coupling;
  };
  Part a{0, {3, 4}, 1}, b{1, {5}, 1}, c{2, {2, 1, 2}, 1};
  Part small{3, {2, 3}, 1e-8}, late{4, {3}, 1}, frozen{5, {2}, 1};

  std::vector<Tensor> parameters() const { return {a.p, b.p, c.p, small.p, late.p, frozen.p}; }

  static Tensor bowl(const Part& part) {
    return part.scale / 2 * sum(part.weight * pow(part.p - part.target, 2));
  }
  static Tensor coupled(const Part& part) { return sum(part.coupling * part.p); }

  Tensor operator()(int step) const {
    Tensor loss = bowl(a) + bowl(b) + bowl(c) + bowl(small);
    if ((step >= 11 && step <= 30) || step >= 36) loss = loss + bowl(late);
    return loss + sum(tanh(b.p)) + sum(pow(c.p, 4)) / 4 +
           pow(coupled(a) + coupled(b) + coupled(c), 2) / 2;
  }

  /// Returns the elements that a row of the table contains: all parameters except `frozen`.
  std::vector<double> theta() const {
    std::vector<double> all;
    for (const Tensor& p : {a.p, b.p, c.p, small.p, late.p}) {
      all.insert(all.end(), p.value().data(), p.value().data() + p.size());
    }
    return all;
  }
};

double reference_learning_rate(const std::string& rule) {
  if (rule == "adagrad") return 0.1;
  if (rule == "rmsprop") return 0.01;
  return rule == "momentum" || rule == "nag" ? 0.02 : 0.05;
}

void expect_near(const std::vector<double>& theta, const Row& row) {
  ASSERT_EQ(theta.size(), row.theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_LE(std::abs(theta[i] - row.theta[i]), 1e-10 * std::abs(row.theta[i]))
        << "step " << row.step << ", weight decay " << row.weight_decay << ", element " << i << ": "
        << theta[i] << " instead of " << row.theta[i];
  }
}

/// Compares an update rule with all rows of its trajectory. Returns the number of rows.
std::size_t follow(const Rule& rule, double weight_decay, const std::vector<Row>& rows) {
  const Objective objective;
  const Array frozen = objective.frozen.p.value();
  const double lr = reference_learning_rate(rule.name);
  const auto optimizer = rule.make(objective.parameters(), lr, weight_decay);
  int step = 0;
  std::size_t met = 0;
  for (const Row& row : rows) {
    if (row.rule != rule.name || row.weight_decay != weight_decay) continue;
    while (step < row.step) {
      if (++step == 26) optimizer->set_learning_rate(lr / 4);
      optimizer->zero_grad();
      objective(step).backward();
      optimizer->step();
    }
    optimizer->eval();
    expect_near(objective.theta(), row);
    optimizer->train();
    ++met;
  }
  EXPECT_EQ(step, 50);
  EXPECT_TRUE(same_bits(objective.frozen.p.value(), frozen));
  return met;
}

class TrajectoryTest : public ::testing::TestWithParam<Rule> {};

TEST_P(TrajectoryTest, EveryStepIsTheReferenceStep) {
  EXPECT_EQ(follow(GetParam(), 0, read_table()), 50u);
}

TEST_P(TrajectoryTest, WeightDecayIsAnL2PenaltyInTheGradient) {
  EXPECT_EQ(follow(GetParam(), 0.01, read_table()), 11u);
}

INSTANTIATE_TEST_SUITE_P(Rules, TrajectoryTest, ::testing::ValuesIn(kRules), rule_name);

}  // namespace
}  // namespace xgrad::test
