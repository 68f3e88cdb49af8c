// SPDX-License-Identifier: MIT
#pragma once

// Makes each request for memory fail in turn. Every failure must throw, must lose nothing, and must
// leave a state from which the results equal those without a failure.

#include "failing_memory.hpp"

#include "train/runs.hpp"

#include <memory>
#include <string>
#include <vector>

namespace xgrad::test {

/// A network without Dropout, because a failed step does not undo the random numbers that it drew.
struct Dry {
  explicit Dry(const std::string& rule)
      : model(nn::Linear(4, 6, rng), nn::Tanh(), nn::Linear(6, 3, rng)),
        optimizer(optim::make(rule, model.parameters(), 0.05)) {}
  void step() {
    optimizer->zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer->step();
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }

  Rng rng{3};
  nn::Sequential model;
  std::unique_ptr<optim::Optimizer> optimizer;
  Tensor x{Rng(4).normal({8, 4})};
  Labels y{0, 1, 2, 0, 1, 2, 0, 1};
};

/// Returns everything that a failed step must leave unchanged. A state array that does not exist is
/// equivalent to one of zeros.
inline std::vector<Array> state_of(const nn::Module& model, const optim::Optimizer& optimizer) {
  std::vector<Array> all = values_of(model);
  all.push_back(full({}, static_cast<Scalar>(optimizer.step_count())));
  all.push_back(full({}, static_cast<Scalar>(optimizer.is_evaluating())));
  for (const auto& [name, state] : optimizer.states()) {
    for (std::size_t i = 0; i < state->size(); ++i) {
      const auto& array = (*state)[i];
      all.push_back(array ? *array : full(optimizer.parameters()[i].shape(), 0));
    }
  }
  return all;
}

/// Returns the gradients of all parameters, with an empty array for a missing one.
inline std::vector<Array> gradients_of(const nn::Module& model) {
  std::vector<Array> result;
  for (const Tensor& p : model.parameters()) {
    result.push_back(p.has_grad() ? p.grad() : Array());
  }
  return result;
}

}  // namespace xgrad::test
