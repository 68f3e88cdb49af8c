// SPDX-License-Identifier: MIT
// Tests the formulas that the update rules write about themselves, and the explanations of steps.
#include "measured.hpp"
#include "rules.hpp"

#include <xgrad/core/rng.hpp>

#include <sstream>

namespace xgrad::test {
namespace {

using optim::formula;
using optim::Notation;

/// The formulas of section 4 of the design document, one assignment per line.
TEST(FormulaTest, TheFirstSixAreThoseOfTheDesign) {
  EXPECT_EQ(formula("sgd"), "θ ← θ − η g");
  EXPECT_EQ(formula("momentum"), "v ← γ v + η g\nθ ← θ − v");
  EXPECT_EQ(formula("nag"), "v ← γ v + η ∇J(θ − γ v)\nθ ← θ − v");
  EXPECT_EQ(formula("adagrad"), "r ← r + g²\nθ ← θ − η g / (√r + ε)");
  EXPECT_EQ(formula("rmsprop"), "r ← ρ r + (1 − ρ) g²\nθ ← θ − η g / (√r + ε)");
  EXPECT_EQ(formula("adam"),
            "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nm̂ = m / (1 − β₁ᵗ)\n"
            "v̂ = v / (1 − β₂ᵗ)\nθ ← θ − η m̂ / (√v̂ + ε)");
}

TEST(FormulaTest, TheOtherRulesHaveTheFormulasOfTheirPublications) {
  EXPECT_EQ(formula("adamw"), "θ ← θ − η λ θ\n" + formula("adam"));
  EXPECT_EQ(formula("nadam"),
            "μₜ = β₁ (1 − 0.5 · 0.96^(ψ t))\nμ′ = β₁ (1 − 0.5 · 0.96^(ψ (t + 1)))\n"
            "Π = ∏ᵢ₌₁ᵗ μᵢ\nm ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n"
            "m̂ = μ′ m / (1 − Π μ′) + (1 − μₜ) g / (1 − Π)\nv̂ = v / (1 − β₂ᵗ)\n"
            "θ ← θ − η m̂ / (√v̂ + ε)");
  EXPECT_EQ(formula("adadelta"),
            "r ← ρ r + (1 − ρ) g²\nd = g √(s + ε) / √(r + ε)\ns ← ρ s + (1 − ρ) d²\nθ ← θ − η d");
  EXPECT_EQ(formula("lion"),
            "d = sign(β₁ m + (1 − β₁) g)\nm ← β₂ m + (1 − β₂) g\nθ ← θ − η (d + λ θ)");
}

TEST(FormulaTest, LatexIsAnAlignedEnvironment) {
  EXPECT_EQ(formula("nag", Notation::latex),
            "\\begin{aligned}\nv &\\leftarrow \\gamma v + \\eta \\nabla J\\left(\\theta - \\gamma "
            "v\\right) \\\\\n\\theta &\\leftarrow \\theta - v \\\\\n\\end{aligned}");
  EXPECT_EQ(formula("adagrad", Notation::latex),
            "\\begin{aligned}\nr &\\leftarrow r + g^{2} \\\\\n\\theta &\\leftarrow \\theta - "
            "\\frac{\\eta g}{\\sqrt{r} + \\varepsilon} \\\\\n\\end{aligned}");
  EXPECT_NE(
      formula("adam", Notation::latex).find("\\hat{m} &= \\frac{m}{1 - \\beta_{1}^{t}} \\\\\n"),
      std::string::npos);
  for (const std::string& name : optim::names()) {
    const std::string text = formula(name, Notation::latex);
    EXPECT_EQ(std::count(text.begin(), text.end(), '{'), std::count(text.begin(), text.end(), '}'));
    // No Greek letter, hat or index is left over; ASCII only.
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; }))
        << text;
  }
}

TEST(FormulaTest, MathmlIsOneElement) {
  EXPECT_EQ(formula("sgd", Notation::mathml),
            "<math display=\"block\"><mtable><mtr><mtd><mi>θ</mi></mtd><mtd><mo>←</mo></mtd><mtd>"
            "<mrow><mi>θ</mi><mo>−</mo><mi>η</mi><mi>g</mi></mrow></mtd></mtr></mtable></math>");
}

/// Returns whether each tag is closed in the order of opening, and how many elements a fraction
/// has.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t at = 0;
  while ((at = xml.find('<', at)) != std::string::npos) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag[0] != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
      if (open.empty() && end + 1 != xml.size()) return false;
    }
  }
  return open.empty();
}

TEST(FormulaTest, MathmlIsWellFormedForEveryRule) {
  for (const std::string& name : optim::names()) {
    const std::string xml = formula(name, Notation::mathml);
    EXPECT_TRUE(xml.starts_with("<math") && is_well_formed(xml)) << xml;
    EXPECT_EQ(xml.find('&'), std::string::npos) << "an entity that XML does not know";
    EXPECT_EQ(optim::make(name, {parameter({1})})->formula(Notation::mathml), xml);
  }
  EXPECT_FALSE(is_well_formed("<math><mi>x</math></mi>"));
}

/// Computes an expression such as "0.9 · (-1e-3) + √(2² + 1)" of an explanation.
class Calculator {
 public:
  explicit Calculator(std::string text) : rest_(std::move(text)) {}
  Measured result() {
    const Measured value = sum();
    EXPECT_EQ(rest_, "") << "cannot be read";
    return value;
  }

 private:
  bool take(const std::string& token) {
    if (!rest_.starts_with(token)) return false;
    rest_.erase(0, token.size());
    return true;
  }
  Measured sum() {
    Measured left = product();
    while (true) {
      if (take(" + ")) {
        left = left + product();
      } else if (take(" − ")) {
        left = left - product();
      } else {
        return left;
      }
    }
  }
  Measured product() {
    Measured left = factor();
    while (true) {
      if (take(" · ")) {
        left = left * factor();
      } else if (take(" / ")) {
        left = left / factor();
      } else {
        return left;
      }
    }
  }
  Measured factor() {
    const Measured base = atom();
    return take("²") ? square(base) : base;
  }
  Measured atom() {
    if (take("√")) return sqrt(atom());
    if (take("sign(")) return sign(inside());
    if (take("|")) {
      const Measured x = abs(sum());
      EXPECT_TRUE(take("|"));
      return x;
    }
    if (take("max(")) {
      const Measured a = sum();
      EXPECT_TRUE(take(", "));
      return maximum(a, inside());
    }
    if (take("(")) return inside();
    std::size_t length = 0;
    const double number = std::stod(rest_, &length);
    rest_.erase(0, length);
    return Measured(number);
  }
  Measured inside() {
    const Measured x = sum();
    EXPECT_TRUE(take(")")) << rest_;
    return x;
  }
  std::string rest_;
};

/// Returns the parts of a line, which " = " separates.
std::vector<std::string> parts_of(std::string line) {
  std::vector<std::string> parts;
  std::size_t end = 0;
  while ((end = line.find(" = ")) != std::string::npos) {
    parts.push_back(line.substr(0, end));
    line.erase(0, end + 3);
  }
  parts.push_back(line);
  return parts;
}

/// Expects each line to be right to the five digits that it prints. Returns the last number.
double check_lines(const std::string& text) {
  std::istringstream lines(text);
  double last = kNaN;
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> parts = parts_of(line);
    EXPECT_GE(parts.size(), 3u) << line;
    EXPECT_LE(parts.size(), 4u) << line;
    last = std::stod(parts.back());
    if (parts.size() < 4) continue;
    const Measured computed = Calculator(parts[2]).result();
    EXPECT_LE(std::fabs(computed.value - last), 3e-5L * computed.size) << line;
  }
  return last;
}

class ExplainTest : public ::testing::TestWithParam<Rule> {};

TEST_P(ExplainTest, EndsWithTheParameterAfterTheStep) {
  constexpr double kTolerance = sizeof(Scalar) == 4 ? 1e-6 : 1e-12;
  for (const double decay : {0.0, 0.02}) {
    Rng rng(3);
    const Tensor a(rng.normal({2, 3}), true), b(rng.normal({5}), true), c(rng.normal({}), true);
    const auto optimizer = optim::make(
        GetParam().name,
        std::vector<optim::ParameterGroup>{{.parameters = {a, c}},
                                           {.parameters = {b}, .lr_scale = 3, .weight_decay = 0.1}},
        {{"lr", 0.01}, {"weight_decay", decay}});
    for (int step = 1; step <= 50; ++step) {
      if (step == 25) optimizer->set_learning_rate(0.002);
      for (const Tensor& p : {a, b, c}) {
        give_gradient(p, rng.normal(p.shape()));
        std::vector<std::size_t> element;
        std::size_t flat = 0;
        for (const std::size_t size : p.shape()) {
          element.push_back(rng.below(size));
          flat = flat * size + element.back();
        }
        const double before = p.value().data()[flat];
        const std::string text = optim::explain(*optimizer, p, element);
        const double last = check_lines(text);
        EXPECT_EQ(static_cast<double>(p.value().data()[flat]), before) << "explain() is a step";
        // The other parameters keep their gradients and take this step again.
        optimizer->step();
        const double after = p.value().data()[flat];
        EXPECT_LE(std::abs(last - after), kTolerance * (std::abs(before) + std::abs(after)))
            << "step " << step << "\n"
            << text << "\nbut the parameter is " << after;
      }
    }
  }
}

TEST_P(ExplainTest, TheFormulasOfTheLinesAreThoseOfTheRule) {
  const Tensor p = parameter({1});
  const auto rule = GetParam().make({p}, 0.1, 0);
  give_gradient(p, 1);
  if (GetParam().name == "nag") return;  // is explained in terms of the look-ahead point
  std::istringstream lines(optim::explain(*rule, p, {0}));
  std::string formulas;
  for (std::string line; std::getline(lines, line);) {
    const auto parts = parts_of(line);
    formulas += (formulas.empty() ? "" : "\n") + parts[0] + " = " + parts[1];
  }
  std::string expected = rule->formula();
  for (std::size_t at; (at = expected.find("←")) != std::string::npos;) {
    expected.replace(at, std::string("←").size(), "=");
  }
  EXPECT_EQ(formulas, expected);
}

TEST_P(ExplainTest, AnElementThatStepDoesNotChangeIsRefused) {
  Tensor p(ones({2, 3}), true);
  const Tensor other = parameter({1});
  const auto rule = GetParam().make({p}, 0.1, 0);
  const auto refusal = [&](const Tensor& tensor, const std::vector<std::size_t>& element) {
    return message_of<OptionError>([&] { optim::explain(*rule, tensor, element); });
  };
  EXPECT_EQ(refusal(p, {0, 0}),
            "[explain] the parameter has no gradient, so step() will not change it; call "
            "backward() first");
  give_gradient(p, 1);
  EXPECT_EQ(refusal(p, {2, 0}), "[explain] element (2, 0) is outside a parameter of shape (2, 3)");
  EXPECT_EQ(refusal(p, {0, 3}), "[explain] element (0, 3) is outside a parameter of shape (2, 3)");
  EXPECT_EQ(refusal(p, {1}), "[explain] element (1,) is outside a parameter of shape (2, 3)");
  EXPECT_EQ(refusal(p, {0, 0, 0}),
            "[explain] element (0, 0, 0) is outside a parameter of shape (2, 3)");
  EXPECT_EQ(refusal(p, {}), "[explain] element () is outside a parameter of shape (2, 3)");
  EXPECT_EQ(refusal(other, {0}), "[explain] the optimizer does not train this tensor");
  p.set_requires_grad(false);
  EXPECT_EQ(refusal(p, {0, 0}),
            "[explain] the parameter is frozen, so step() will not change it; call "
            "set_requires_grad(true)");
}

INSTANTIATE_TEST_SUITE_P(Rules, ExplainTest, ::testing::ValuesIn(kRules), rule_name);

TEST(ExplainTextTest, ShowsTheNumbersOfTheStep) {
  const Tensor p = parameter({3});
  optim::Momentum momentum({p}, {.lr = 0.25, .momentum = 0.5, .weight_decay = 0.5});
  give_gradient(p, 1);
  momentum.step();  // v = 0.25 (1 + 0.5 · 3) = 0.625
  give_gradient(p, -2);
  EXPECT_EQ(optim::explain(momentum, p, {0}),
            "g = g + λ θ = -2 + 0.5 · 2.375 = -0.8125\n"
            "v = γ v + η g = 0.5 · 0.625 + 0.25 · (-0.8125) = 0.109375\n"
            "θ = θ − v = 2.375 − 0.109375 = 2.265625");
}

TEST(ExplainTextTest, NAGIsExplainedAtTheLookAheadPoint) {
  const Tensor p = parameter({1});
  optim::NAG nag({p}, {.lr = 0.25, .momentum = 0.5});
  give_gradient(p, 1);
  nag.step();  // v = 0.25, y = 0.625
  EXPECT_EQ(optim::explain(nag, p, {0}),
            "θ = y + γ v = 0.625 + 0.5 · 0.25 = 0.75\n"
            "v = γ v + η g = 0.5 · 0.25 + 0.25 · 1 = 0.375\n"
            "y = θ − v − γ v = 0.75 − 0.375 − 0.5 · 0.375 = 0.1875");
  nag.eval();
  EXPECT_EQ(message_of<Error>([&] { optim::explain(nag, p, {0}); }),
            "[nag] explain() needs training mode: in evaluation mode the parameters contain theta, "
            "not the look-ahead point; call train() first");
}

TEST(FormulaTest, AnUnknownRuleHasNoFormula) {
  EXPECT_EQ(message_of<OptionError>([] { formula("adamax"); }),
            "[optimizer] unknown optimizer \"adamax\"; one of sgd, momentum, nag, adagrad, "
            "rmsprop, adam, adamw, nadam, adadelta, lion");
}

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
  const double explained = check_lines(optim::explain(adamax, p, {0}));
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
  const std::size_t last = text.rfind(" = ") + 3;
  EXPECT_EQ(text.substr(0, last),
            "m = β₁ m + (1 − β₁) g = 0.5 · 0 + 0.5 · (-4) = -2\n"
            "u = max(β₂ u, |g|) = max(0.75 · 0, |-4|) = 4\n"
            "θ = θ − (η / (1 − β₁ᵗ)) m / (u + ε) = 1 − 0.25 · (-2) / (4 + 1e-08) = ");
  EXPECT_NEAR(std::stod(text.substr(last)), 1.125, 1e-8);
  EXPECT_TRUE(is_well_formed(adamax.formula(Notation::mathml)));
}

TEST(OwnRuleTest, ChecksItsOptions) {
  EXPECT_EQ(message_of<OptionError>([] { AdaMax({parameter({1})}, {.beta2 = 1}); }),
            "[adamax] beta2 must be in [0, 1), got 1");
}

}  // namespace
}  // namespace xgrad::test
