// SPDX-License-Identifier: MIT
// Shows that the comparison with the reference trajectories is sharp: it finds every one of forty
// faults in update rules.
#include "trajectories.hpp"

namespace xgrad::test {
namespace {

using namespace optim;

/// A rule with the options, states and coefficients of `Base`, and another update function.
template <class Base, class Update>
struct Variant : Base {
  static constexpr RuleInfo info{.name = Base::info.name};  // without SIMD kernels
  template <class E>
  static void update(E& theta, const E& g, auto&... states_and_c) {
    Update{}(theta, g, states_and_c...);
  }
};

/// A variant of an update rule of the library.
struct RuleVariant {
  std::string rule;  ///< name of the rule in the table of trajectories
  std::string text;  ///< what is different
  MakeOptimizer make;
};

template <class Rule>
MakeOptimizer maker() {
  return [](std::vector<Tensor> parameters, double lr, double weight_decay) {
    typename Rule::template Options<double> options;
    options.lr = lr;
    options.weight_decay = weight_decay;
    return std::make_unique<RuleOptimizer<Rule>>(std::move(parameters), options);
  };
}

template <class Base, class Update>
RuleVariant variant(const std::string& text, Update, const char* rule = Base::info.name) {
  return {rule, text, maker<Variant<Base, Update>>()};
}

/// Returns whether an optimizer follows the reference trajectories of its rule.
bool passes(const RuleVariant& variant) {
  return std::max(follow(variant.rule, 0, variant.make).largest,
                  follow(variant.rule, 0.01, variant.make).largest) <= 1e-10;
}

struct LookAheadBackwards : NAGRule {
  static constexpr RuleInfo info{.name = "nag"};
  static auto look_ahead(const auto& theta, const auto& v, const auto& c) {
    return theta + c.momentum * v;
  }
  static auto parameter(const auto& y, const auto& v, const auto& c) { return y - c.momentum * v; }
};
struct LookAheadWithoutMomentum : NAGRule {
  static constexpr RuleInfo info{.name = "nag"};
  static auto look_ahead(const auto& theta, const auto& v, const auto&) { return theta - v; }
  static auto parameter(const auto& y, const auto& v, const auto&) { return y + v; }
};

std::vector<RuleVariant> faults_of_the_first_rules() {
  return {
      variant<SGDRule>("plus instead of minus",
                       [](auto& p, auto& g, auto& c) { p = p + c.lr * g; }),
      variant<SGDRule>("the rate is missing", [](auto& p, auto& g, auto&) { p = p - g; }),
      variant<SGDRule>("the weight decay is added twice",
                       [](auto& p, auto& g, auto& c) { p = p - c.lr * (g + c.weight_decay * p); }),
      variant<MomentumRule>("the rate is outside the velocity",
                            [](auto& p, auto& g, auto& v, auto& c) {
                              v = c.momentum * v + g;
                              p = p - c.lr * v;
                            }),
      variant<MomentumRule>("the gradient is multiplied by 1 - γ",
                            [](auto& p, auto& g, auto& v, auto& c) {
                              v = c.momentum * v + (1 - c.momentum) * c.lr * g;
                              p = p - v;
                            }),
      variant<MomentumRule>("the velocity is updated after its use",
                            [](auto& p, auto& g, auto& v, auto& c) {
                              p = p - v;
                              v = c.momentum * v + c.lr * g;
                            }),
      variant<MomentumRule>("1 - γ instead of γ",
                            [](auto& p, auto& g, auto& v, auto& c) {
                              v = (1 - c.momentum) * v + c.lr * g;
                              p = p - v;
                            }),
      variant<MomentumRule>("the velocity is forgotten",
                            [](auto& p, auto& g, auto& v, auto& c) {
                              v = c.lr * g;
                              p = p - v;
                            }),
      {"nag", "no look-ahead", maker<MomentumRule>()},
      {"nag", "the look-ahead has the wrong sign", maker<LookAheadBackwards>()},
      {"nag", "the look-ahead has no factor γ", maker<LookAheadWithoutMomentum>()},
      variant<NAGRule>("the weight decay is computed at theta, not at the look-ahead point",
                       [](auto& p, auto& g, auto& v, auto& c) {
                         const auto from_y_to_theta = c.momentum * v;
                         v = c.momentum * v + c.lr * (g + c.weight_decay * from_y_to_theta);
                         p = p - v;
                       }),
      variant<AdaGradRule>("ε is inside the root",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = r + square(g);
                             p = p - c.lr * g / sqrt(r + c.eps);
                           }),
      variant<AdaGradRule>("the root is missing",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = r + square(g);
                             p = p - c.lr * g / (r + c.eps);
                           }),
      variant<AdaGradRule>("the square is missing",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = r + abs(g);
                             p = p - c.lr * g / (sqrt(r) + c.eps);
                           }),
      variant<AdaGradRule>("r is updated after its use",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             p = p - c.lr * g / (sqrt(r) + c.eps);
                             r = r + square(g);
                           }),
      variant<RMSPropRule>("ε is inside the root",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = c.rho * r + (1 - c.rho) * square(g);
                             p = p - c.lr * g / sqrt(r + c.eps);
                           }),
      variant<RMSPropRule>("ρ and 1 - ρ are swapped",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = (1 - c.rho) * r + c.rho * square(g);
                             p = p - c.lr * g / (sqrt(r) + c.eps);
                           }),
      variant<RMSPropRule>("a sum instead of an average",
                           [](auto& p, auto& g, auto& r, auto& c) {
                             r = r + square(g);
                             p = p - c.lr * g / (sqrt(r) + c.eps);
                           }),
      variant<RMSPropRule>("a bias correction", [](auto& p, auto& g, auto& r, auto& c) {
        r = c.rho * r + (1 - c.rho) * square(g);
        p = p - c.lr * g / (sqrt(r / one_minus_pow(c.rho, c.t)) + c.eps);
      })};
}

// The means of Adam, as they should be.
constexpr auto kMeans = [](auto& g, auto& m, auto& v, auto& c) {
  m = c.beta1 * m + (1 - c.beta1) * g;
  v = c.beta2 * v + (1 - c.beta2) * square(g);
};

std::vector<RuleVariant> faults_of_adam() {
  return {
      variant<AdamRule>("ε is inside the root",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          p = p - c.lr * (m / c.correction1) / sqrt(v / c.correction2 + c.eps);
                        }),
      variant<AdamRule>("ε is added before the bias correction",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          const auto root = (sqrt(v) + c.eps) / sqrt(c.correction2);
                          p = p - c.lr * (m / c.correction1) / root;
                        }),
      variant<AdamRule>("m has no bias correction",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          p = p - c.lr * m / (sqrt(v / c.correction2) + c.eps);
                        }),
      variant<AdamRule>("v has no bias correction",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          p = p - c.lr * (m / c.correction1) / (sqrt(v) + c.eps);
                        }),
      variant<AdamRule>("t is off by one",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          const auto v_hat = v / one_minus_pow(c.beta2, c.t + 1);
                          const auto m_hat = m / one_minus_pow(c.beta1, c.t + 1);
                          p = p - c.lr * m_hat / (sqrt(v_hat) + c.eps);
                        }),
      variant<AdamRule>("the bias corrections are swapped",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          kMeans(g, m, v, c);
                          p = p - c.lr * (m / c.correction2) / (sqrt(v / c.correction1) + c.eps);
                        }),
      variant<AdamRule>("β₁ and β₂ are swapped",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          m = c.beta2 * m + (1 - c.beta2) * g;
                          v = c.beta1 * v + (1 - c.beta1) * square(g);
                          p = p - c.lr * (m / c.correction2) / (sqrt(v / c.correction1) + c.eps);
                        }),
      variant<AdamRule>("v is the mean of m²",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          m = c.beta1 * m + (1 - c.beta1) * g;
                          v = c.beta2 * v + (1 - c.beta2) * square(m);
                          p = p - c.lr * (m / c.correction1) / (sqrt(v / c.correction2) + c.eps);
                        }),
      variant<AdamRule>("m is updated after its use",
                        [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                          const auto m_hat = m / c.correction1;
                          kMeans(g, m, v, c);
                          p = p - c.lr * m_hat / (sqrt(v / c.correction2) + c.eps);
                        }),
      {"adam", "the weight decay is decoupled", maker<AdamWRule>()},
      {"adamw", "the weight decay is an L2 penalty", maker<AdamRule>()},
      variant<AdamWRule>("the decay follows the step",
                         [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                           AdamRule::update(p, g, m, v, c);
                           p = p - c.lr * c.weight_decay * p;
                         }),
      variant<AdamWRule>("the decay is not multiplied by the rate",
                         [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                           p = p - c.weight_decay * p;
                           AdamRule::update(p, g, m, v, c);
                         })};
}

std::vector<RuleVariant> faults_of_the_other_rules() {
  return {variant<NAdamRule>("the momentum of this step instead of the next one",
                             [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                               kMeans(g, m, v, c);
                               const auto m_hat = (c.now * m + (1 - c.now) * g) / c.correction;
                               p = p - c.lr * m_hat / (sqrt(v / c.correction2) + c.eps);
                             }),
          variant<NAdamRule>("the momentum does not grow",
                             [](auto& p, auto& g, auto& m, auto& v, auto& c) {
                               kMeans(g, m, v, c);
                               const auto m_hat = c.beta1 * m / one_minus_pow(c.beta1, c.t + 1) +
                                                  (1 - c.beta1) * g / one_minus_pow(c.beta1, c.t);
                               p = p - c.lr * m_hat / (sqrt(v / c.correction2) + c.eps);
                             }),
          variant<AdadeltaRule>("ε is outside the roots",
                                [](auto& p, auto& g, auto& r, auto& s, auto& c) {
                                  r = c.rho * r + (1 - c.rho) * square(g);
                                  const auto d = g * (sqrt(s) + c.eps) / (sqrt(r) + c.eps);
                                  s = c.rho * s + (1 - c.rho) * square(d);
                                  p = p - c.lr * d;
                                }),
          variant<AdadeltaRule>("the rate is part of s",
                                [](auto& p, auto& g, auto& r, auto& s, auto& c) {
                                  r = c.rho * r + (1 - c.rho) * square(g);
                                  const auto d = c.lr * g * sqrt(s + c.eps) / sqrt(r + c.eps);
                                  s = c.rho * s + (1 - c.rho) * square(d);
                                  p = p - d;
                                }),
          variant<LionRule>("β₁ and β₂ are swapped",
                            [](auto& p, auto& g, auto& m, auto& c) {
                              const auto d = sign(c.beta2 * m + (1 - c.beta2) * g);
                              m = c.beta1 * m + (1 - c.beta1) * g;
                              p = p - c.lr * (d + c.weight_decay * p);
                            }),
          variant<LionRule>("the sign is that of the new m",
                            [](auto& p, auto& g, auto& m, auto& c) {
                              m = c.beta2 * m + (1 - c.beta2) * g;
                              p = p - c.lr * (sign(m) + c.weight_decay * p);
                            }),
          variant<LionRule>("the decay is not multiplied by the rate",
                            [](auto& p, auto& g, auto& m, auto& c) {
                              const auto d = sign(c.beta1 * m + (1 - c.beta1) * g);
                              m = c.beta2 * m + (1 - c.beta2) * g;
                              p = p - c.lr * d - c.weight_decay * p;
                            })};
}

TEST(FaultyRulesTest, TheReferenceTrajectoriesFindEveryFault) {
  std::size_t found = 0;
  for (const auto& faults :
       {faults_of_the_first_rules(), faults_of_adam(), faults_of_the_other_rules()}) {
    for (const RuleVariant& fault : faults) {
      const bool is_found = !passes(fault);
      EXPECT_TRUE(is_found) << fault.rule << ": " << fault.text;
      found += is_found;
    }
  }
  EXPECT_EQ(found, 40u);
}

template <class... Rule>
std::vector<RuleVariant> right_rules(RuleList<Rule...>) {
  return {variant<Rule>("none", [](auto&... x) { Rule::update(x...); })...};
}

TEST(FaultyRulesTest, TheRightRulesPassInTheSameFrame) {
  for (const RuleVariant& rule : right_rules(Rules{})) {
    EXPECT_TRUE(!has_reference(rule.rule) || passes(rule)) << rule.rule;
  }
}

}  // namespace
}  // namespace xgrad::test
