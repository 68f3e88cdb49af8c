// SPDX-License-Identifier: MIT
#include "compare_optimizers/rules.hpp"

namespace compare {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"sgd", "SGD", "θ ← θ − η g",
       "One step straight downhill, as long as the slope is steep times the learning rate; where "
       "the slopes of two directions differ much, the steep one limits the pace of the flat one.",
       "#E69F00", "", 7},
      {"momentum", "Momentum", "v ← γ v + η g; θ ← θ − v",
       "A heavy ball: steps that agree add up to as much as 1 / (1 − γ) of one, steps that zigzag "
       "cancel out.",
       "#56B4E9", "12,4", 5},
      {"nag", "NAG", "v ← γ v + η ∇J(θ − γ v); θ ← θ − v",
       "Momentum that looks ahead: it asks for the slope where its speed is about to carry it, and "
       "so brakes before it overshoots.",
       "#009E73", "8,3,2,3", 9},
      {"adagrad", "AdaGrad", "r ← r + g²; θ ← θ − η g / (√r + ε)",
       "Each parameter has a rate of its own, smaller the more slope it has seen: good for rare "
       "features, but the rates only ever shrink.",
       "#CC79A7", "3,3", 11},
      {"rmsprop", "RMSProp", "r ← ρ r + (1 − ρ) g²; θ ← θ − η g / (√r + ε)",
       "AdaGrad that forgets: each step is divided by the recent size of that parameter's slope, "
       "so all parameters move at about the same pace.",
       "#D55E00", "6,3", 13},
      {"adam", "Adam",
       "m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; m̂ = m / (1 − β₁ᵗ); v̂ = v / (1 − β₂ᵗ); "
       "θ ← θ − η m̂ / (√v̂ + ε)",
       "Momentum over RMSProp's own rates, both corrected for having started at zero; a step is at "
       "most about η long, whatever the slope.",
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
