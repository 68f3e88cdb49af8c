// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <string>

/// Trains a network for two steps with an update rule, and returns the arithmetic of the third step
/// for one weight.
inline std::string explained_step(const std::string& rule) {
  using namespace xgrad;
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 8, rng), nn::Tanh(), nn::Linear(8, 3, rng)};
  const auto optimizer = optim::make(rule, model.parameters());
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  for (auto& [x, y] : loader) {
    optimizer->zero_grad();
    cross_entropy(model(x), y).backward();
    if (optimizer->step_count() == 2) {
      return optim::explain(*optimizer, model.parameters()[0], {0, 1});
    }
    optimizer->step();
  }
  return {};
}
