// SPDX-License-Identifier: MIT
// Tests the explanations of steps: their numbers, and that they end with what step() computes.
#include "measured.hpp"
#include "rules.hpp"

#include <xgrad/core/rng.hpp>

#include <sstream>

namespace xgrad::test {
namespace {

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

}  // namespace
}  // namespace xgrad::test
