// SPDX-License-Identifier: MIT
// Tests an update rule that a user writes outside of the library, without SIMD sources.
#include "rules.hpp"

namespace xgrad::test {
namespace {

/// AdaMax of Kingma and Ba, which a user writes outside of the library.
struct AdaMaxRule {
  static constexpr optim::RuleInfo info{.name = "adamax"};
  template <class N>
  struct Options {
    N lr = 2e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    static void each(auto& o, auto f) {
      f("lr", "η", optim::Range::non_negative, o.lr);
      f("beta1", "β₁", optim::Range::fraction, o.beta1);
      f("beta2", "β₂", optim::Range::fraction, o.beta2);
      f("eps", "ε", optim::Range::positive, o.eps);
    }
  };
  static constexpr std::array states{optim::StateInfo{"mean", "m"}, optim::StateInfo{"max", "u"}};
  template <class N>
  struct Step {
    N correction = 1;
  };
  static void begin_step(auto& c) { c.correction = one_minus_pow(c.beta1, c.t); }
  template <class E>
  static void update(E& theta, const E& g, E& m, E& u, const auto& c) {
    m = c.beta1 * m + (1 - c.beta1) * g;
    u = maximum(c.beta2 * u, abs(g));
    theta = theta - c.lr / c.correction * m / (u + c.eps);
  }
};
using AdaMax = optim::RuleOptimizer<AdaMaxRule>;

double last_number(const std::string& explanation) {
  return std::stod(explanation.substr(explanation.rfind(" = ") + 3));
}

TEST(OwnRuleTest, IsAnOptimizerLikeThoseOfTheLibrary) {
  const Tensor p = parameter({1, -2, 0.5});
  AdaMax adamax({p}, {.lr = 0.125, .beta1 = 0.5, .beta2 = 0.75});
  EXPECT_EQ(adamax.name(), "adamax");
  EXPECT_EQ(adamax.description(), "adamax, beta1 0.5, beta2 0.75, eps 1e-08");
  give_gradient(p, Array{4, -1, 0});
  adamax.step();  // m = g / 2, u = |g|, and the correction is 1/2: each element moves by lr
  EXPECT_LE(std::abs(p.value()(0) - 0.875), 1e-6);
  EXPECT_LE(std::abs(p.value()(1) + 1.875), 1e-6);
  EXPECT_EQ(p.value()(2), Scalar{0.5});
  give_gradient(p, Array{-2, -1, 0});
  const double explained = last_number(optim::explain(adamax, p, {0}));
  adamax.step();  // m = 0, u = max(3, 2)
  EXPECT_LE(std::abs(p.value()(0) - 0.875), 1e-6);
  EXPECT_LE(std::abs(p.value()(0) - explained), 1e-6);
  const auto states = adamax.states();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[1].first, "max");
  EXPECT_TRUE(same_bits(*(*states[1].second)[0], Array{3, 1, 0}));
}

TEST(OwnRuleTest, HasAFormulaAndExplainsItsSteps) {
  const Tensor p = parameter({1});
  AdaMax adamax({p}, {.lr = 0.125, .beta1 = 0.5, .beta2 = 0.75});
  EXPECT_EQ(adamax.formula(),
            "m ← β₁ m + (1 − β₁) g\nu ← max(β₂ u, |g|)\nθ ← θ − (η / (1 − β₁ᵗ)) m / (u + ε)");
  give_gradient(p, -4);
  const std::string text = optim::explain(adamax, p, {0});
  EXPECT_EQ(text.substr(0, text.rfind(" = ") + 3),
            "m = β₁ m + (1 − β₁) g = 0.5 · 0 + 0.5 · (-4) = -2\n"
            "u = max(β₂ u, |g|) = max(0.75 · 0, |-4|) = 4\n"
            "θ = θ − (η / (1 − β₁ᵗ)) m / (u + ε) = 1 − 0.25 · (-2) / (4 + 1e-08) = ");
  EXPECT_NEAR(last_number(text), 1.125, 1e-8);
}

TEST(OwnRuleTest, ChecksItsOptions) {
  EXPECT_EQ(message_of<OptionError>([] { AdaMax({parameter({1})}, {.beta2 = 1}); }),
            "[adamax] beta2 must be in [0, 1), got 1");
}

}  // namespace
}  // namespace xgrad::test
