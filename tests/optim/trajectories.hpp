// SPDX-License-Identifier: MIT
#pragma once

// Runs an optimizer on the objective of reference/optimizer_trajectories.py, which documents the
// objective and the source of the numbers.

#include "rules.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

namespace xgrad::test {

/// The parameters after a step.
struct Row {
  std::string rule;
  double weight_decay;
  int step;
  std::vector<double> theta;
};

/// Returns the rows of the table.
inline const std::vector<Row>& reference_rows() {
  static const std::vector<Row> rows = [] {
    std::ifstream file(XGRAD_SOURCE_DIR "/tests/reference/optimizer_trajectories.csv");
    std::vector<Row> result;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with('#') || line.starts_with("rule,")) continue;
      std::istringstream cells(line);
      std::string rule, decay, step;
      std::getline(std::getline(std::getline(cells, rule, ','), decay, ','), step, ',');
      Row row{rule, std::stod(decay), std::stoi(step), {}};
      for (std::string cell; std::getline(cells, cell, ',');) row.theta.push_back(std::stod(cell));
      result.push_back(std::move(row));
    }
    return result;
  }();
  return rows;
}

/// Returns whether the table has rows of an update rule. A new rule may have a test of its own.
inline bool has_reference(const std::string& rule) {
  return std::any_of(reference_rows().begin(), reference_rows().end(),
                     [&](const Row& row) { return row.rule == rule; });
}

/// Returns an array whose element at the flat index i is formula(i).
template <class Formula>
Array table_of(const Shape& shape, Formula formula) {
  Array array = empty(shape);
  for (int i = 0; i < static_cast<int>(array.size()); ++i) array.data()[i] = formula(i);
  return array;
}

/// The objective of the reference script.
struct Objective {
  /// Parameter k of the reference script and its coefficients.
  struct Part {
    Part(int k, const Shape& shape, double scale_)
        : scale(scale_),
          p(table_of(shape, [k](int i) { return ((13 * i + 7 * k) % 17 - 8.25) / 8; }), true),
          target(table_of(shape, [k](int i) { return ((5 * i + 3 * k) % 11 - 4.5) / 8; })),
          weight(table_of(shape, [k](int i) { return 0.5 + (7 * i + k) % 5 / 4.0; })),
          coupling(table_of(shape, [k](int i) { return ((3 * i + k) % 7 - 3) / 8.0; })) {}
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

/// The result of a comparison with the table.
struct Deviation {
  double largest = 0;    ///< largest relative error of a parameter
  std::string place{};   ///< where the largest error was found
  std::size_t rows = 0;  ///< number of rows that were compared

  /// Compares the parameters with a row. A NaN counts as an infinite error.
  void compare(const std::vector<double>& theta, const Row& row) {
    ++rows;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const double error = std::abs(theta[i] - row.theta.at(i)) / std::abs(row.theta[i]);
      if (error <= largest) continue;
      largest = std::isnan(error) ? kInf : error;
      place = "step " + std::to_string(row.step) + ", element " + std::to_string(i);
    }
  }
};

/// Creates an optimizer of `parameters` with the options of the reference script.
using MakeOptimizer = std::function<std::unique_ptr<optim::Optimizer>(
    std::vector<Tensor> parameters, double lr, double weight_decay)>;

/// Compares an optimizer with the rows of an update rule for one weight decay. Stops if the loss is
/// not finite.
inline Deviation follow(const std::string& rule, double weight_decay, const MakeOptimizer& make) {
  const std::map<std::string, double> rates{
      {"sgd", 0.05},  {"momentum", 0.02}, {"nag", 0.02},   {"adagrad", 0.1}, {"rmsprop", 0.01},
      {"adam", 0.05}, {"adamw", 0.05},    {"nadam", 0.05}, {"adadelta", 1},  {"lion", 0.02}};
  const Objective objective;
  const Array frozen = objective.frozen.p.value();
  const double lr = rates.at(rule);
  const auto optimizer = make(objective.parameters(), lr, weight_decay);
  Deviation deviation;
  int step = 0;
  for (const Row& row : reference_rows()) {
    if (row.rule != rule || row.weight_decay != weight_decay) continue;
    while (step < row.step) {
      if (++step == 26) optimizer->set_learning_rate(lr / 4);
      optimizer->zero_grad();
      const Tensor loss = objective(step);
      if (!std::isfinite(loss.item())) return {kInf, "the loss of step " + std::to_string(step)};
      loss.backward();
      optimizer->step();
    }
    optimizer->eval();
    deviation.compare(objective.theta(), row);
    optimizer->train();
  }
  EXPECT_EQ(step, 50);
  EXPECT_TRUE(same_bits(objective.frozen.p.value(), frozen));
  return deviation;
}

}  // namespace xgrad::test
