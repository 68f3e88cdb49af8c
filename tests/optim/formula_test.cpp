// SPDX-License-Identifier: MIT
// Tests the formulas that the update rules write about themselves.
#include "rules.hpp"

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

TEST(FormulaTest, AnUnknownRuleHasNoFormula) {
  EXPECT_TRUE(message_of<OptionError>([] {
                formula("adamax");
              }).starts_with("[optimizer] unknown optimizer \"adamax\"; one of sgd, "));
}

}  // namespace
}  // namespace xgrad::test
