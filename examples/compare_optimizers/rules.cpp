// SPDX-License-Identifier: MIT
#include "compare_optimizers/rules.hpp"

namespace compare {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"sgd", "SGD", "θ ← θ − η g",
       "Each step is the negative gradient times the learning rate. If the curvature differs much "
       "between directions, the steepest direction limits the learning rate, and progress along "
       "the flat directions is slow.",
       "#E69F00", "", 7},
      {"momentum", "Momentum", "v ← γ v + η g; θ ← θ − v",
       "A decaying sum of past steps: steps in the same direction add up to as much as "
       "1 / (1 − γ) single steps, and steps in alternating directions cancel out.",
       "#56B4E9", "12,4", 5},
      {"nag", "NAG", "v ← γ v + η ∇J(θ − γ v); θ ← θ − v",
       "Momentum that looks ahead: the gradient is computed at the point to which the velocity is "
       "about to move the parameters, so that the step slows down before it overshoots.",
       "#009E73", "8,3,2,3", 9},
      {"adagrad", "AdaGrad", "r ← r + g²; θ ← θ − η g / (√r + ε)",
       "Each parameter has its own learning rate, which shrinks as its squared gradients add up. "
       "This suits rare features, but the learning rates never grow again.",
       "#CC79A7", "3,3", 11},
      {"rmsprop", "RMSProp", "r ← ρ r + (1 − ρ) g²; θ ← θ − η g / (√r + ε)",
       "AdaGrad with a decaying average in place of the sum: each step is divided by the recent "
       "root mean square of the gradient, so that all parameters move at a similar pace.",
       "#D55E00", "6,3", 13},
      {"adam", "Adam",
       "m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; m̂ = m / (1 − β₁ᵗ); v̂ = v / (1 − β₂ᵗ); "
       "θ ← θ − η m̂ / (√v̂ + ε)",
       "The velocity of Momentum with the scaling of RMSProp. Both averages are corrected for "
       "their start at zero. A parameter moves by at most about η per step, whatever its gradient.",
       "#0072B2", "16,4", 15}};
  return all;
}

Rule find_rule(const std::string& name) {
  for (const Rule& rule : rules()) {
    if (rule.name == name) return rule;
  }
  return {name, name, "", "", "#888888", "2,4", 7};
}

}  // namespace compare
