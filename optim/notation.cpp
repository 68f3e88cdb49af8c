// SPDX-License-Identifier: MIT
// Writes the lines of a derivation as text, LaTeX, MathML and numbers.
#include <xgrad/core/error.hpp>
#include <xgrad/optim/internal/terms.hpp>

#include <array>
#include <charconv>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

using Node = Expression::Node;
using Term = Node::Term;

// How strongly the outermost operation of a term binds. A term that binds less strongly than its
// place requires is put into parentheses.
enum Strength { kSum, kQuotient, kProduct, kPower, kAtom };

/// How an operation is written: @a and @b stand for the operands, @n for the name of a function.
struct Pattern {
  const char* text;
  Strength own = kAtom;  ///< strength of the whole
  Strength a = kSum;     ///< strength that the place of @a requires
  Strength b = kSum;     ///< strength that the place of @b requires
};

struct Style {
  Pattern sum, difference, negative, product, product_with_number, quotient, power, root, magnitude,
      call, call_of_two, product_over, gradient;
  const char *number, *parentheses;
  const char *update, *definition, *after_line;  ///< lines with @a on the left and @b on the right
  std::string (*symbol)(const std::string&);
  bool has_superscripts = false;  ///< whether powers of 2 and t have characters of their own
  bool is_numeric = false;        ///< whether the values take the place of the symbols
};

std::string replace(std::string_view pattern, const std::string& a, const std::string& b = "",
                    const std::string& name = "") {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '@') {
      text += pattern[i];
      continue;
    }
    ++i;
    text += pattern[i] == 'a' ? a : pattern[i] == 'b' ? b : name;
  }
  return text;
}

std::string write(const Style& style, const Node& x, Strength required = kSum);

std::string write(const Style& style, Pattern pattern, const Node& x, Strength required) {
  std::string text = replace(pattern.text, write(style, *x.a, pattern.a),
                             x.b ? write(style, *x.b, pattern.b) : "", x.name);
  return pattern.own >= required ? text : replace(style.parentheses, text);
}

std::string write_number(const Style& style, double value, Strength required) {
  // In a product, a negative number or one with an exponent is put into parentheses.
  const std::string text = format_number(value);
  const Strength own = text[0] == '-'                        ? kSum
                       : text.find('e') != std::string::npos ? kProduct
                                                             : kAtom;
  const std::string written = replace(style.number, text);
  return own >= required ? written : replace(style.parentheses, written);
}

bool starts_with_number(const Node& x) {
  if (x.term == Term::number) return true;
  return (x.term == Term::product || x.term == Term::power) && starts_with_number(*x.a);
}

std::string write_power(const Style& style, const Node& x, Strength required) {
  const bool is_square = x.b->term == Term::number && x.b->value == 2;
  const bool is_t = x.b->term == Term::symbol && x.b->name == "t" && !style.is_numeric;
  if (style.has_superscripts && (is_square || is_t)) {
    return write(style, {is_square ? "@a²" : "@aᵗ", kPower, kAtom}, x, required);
  }
  return write(style, style.power, x, required);
}

std::string write(const Style& style, const Node& x, Strength required) {
  if (style.is_numeric && (x.shared || x.term == Term::symbol)) {
    return write_number(style, x.value, required);
  }
  const auto with = [&](Pattern pattern) { return write(style, pattern, x, required); };
  switch (x.term) {
    case Term::number:
      return write_number(style, x.value, required);
    case Term::symbol:
      return style.symbol(x.name);
    case Term::sum:
      return with(style.sum);
    case Term::difference:
      return with(style.difference);
    case Term::product:
      return with(starts_with_number(*x.b) ? style.product_with_number : style.product);
    case Term::quotient:
      return with(style.quotient);
    case Term::negative:
      return with(style.negative);
    case Term::power:
      return write_power(style, x, required);
    case Term::root:
      return with(style.root);
    case Term::magnitude:
      return with(style.magnitude);
    case Term::call:
      return with(x.b ? style.call_of_two : style.call);
    case Term::product_over:
      return with(style.product_over);
    case Term::gradient:
      return with(style.gradient);
  }
  return {};
}

/// The parts of a symbol such as "m̂" or "β₁".
struct Symbol {
  std::string base, subscript;
  bool has_hat = false, has_prime = false;
};

Symbol parse_symbol(std::string_view name) {
  Symbol symbol;
  while (!name.empty()) {
    std::size_t length = 1;
    while (length < name.size() && (name[length] & 0xC0) == 0x80) ++length;
    const std::string_view c = name.substr(0, length);
    name.remove_prefix(length);
    if (c == "\u0302") {
      symbol.has_hat = true;
    } else if (c == "′") {
      symbol.has_prime = true;
    } else if (c == "ₜ" || c == "ᵢ") {
      symbol.subscript += c == "ₜ" ? 't' : 'i';
    } else if (c >= "₀" && c <= "₉") {
      symbol.subscript += static_cast<char>('0' + (c[2] - "₀"[2]));
    } else {
      symbol.base += c;
    }
  }
  return symbol;
}

std::string latex_symbol(const std::string& name) {
  using Letter = std::array<const char*, 2>;
  static constexpr std::array<Letter, 12> letters{
      Letter{"θ", "\\theta"},  Letter{"η", "\\eta"},   Letter{"γ", "\\gamma"},
      Letter{"ρ", "\\rho"},    Letter{"β", "\\beta"},  Letter{"ε", "\\varepsilon"},
      Letter{"λ", "\\lambda"}, Letter{"ψ", "\\psi"},   Letter{"μ", "\\mu"},
      Letter{"δ", "\\delta"},  Letter{"α", "\\alpha"}, Letter{"Π", "\\Pi"}};
  const Symbol parts = parse_symbol(name);
  std::string text = parts.base;
  for (const auto& [unicode, latex] : letters) {
    if (parts.base == unicode) text = latex;
  }
  if (parts.has_hat) text = "\\hat{" + text + "}";
  if (parts.has_prime) text += "'";
  return parts.subscript.empty() ? text : text + "_{" + parts.subscript + "}";
}

std::string mathml_symbol(const std::string& name) {
  const Symbol parts = parse_symbol(name);
  std::string text = "<mi>" + parts.base + "</mi>";
  if (parts.has_hat) text = "<mover accent=\"true\">" + text + "<mo>^</mo></mover>";
  if (parts.has_prime) text = "<msup>" + text + "<mo>′</mo></msup>";
  if (parts.subscript.empty()) return text;
  const std::string tag = parts.subscript[0] <= '9' ? "mn>" : "mi>";
  return "<msub>" + text + "<" + tag + parts.subscript + "</" + tag + "</msub>";
}

constexpr Style kText{.sum = {"@a + @b", kSum, kSum, kQuotient},
                      .difference = {"@a − @b", kSum, kSum, kQuotient},
                      .negative = {"−@a", kSum, kProduct},
                      .product = {"@a @b", kProduct, kProduct, kPower},
                      .product_with_number = {"@a · @b", kProduct, kProduct, kPower},
                      .quotient = {"@a / @b", kQuotient, kProduct, kPower},
                      .power = {"@a^@b", kPower, kAtom, kAtom},
                      .root = {"√@a", kPower, kAtom},
                      .magnitude = {"|@a|"},
                      .call = {"@n(@a)"},
                      .call_of_two = {"@n(@a, @b)"},
                      .product_over = {"∏ᵢ₌₁ᵗ @a", kProduct, kPower},
                      .gradient = {"∇J(@a)"},
                      .number = "@a",
                      .parentheses = "(@a)",
                      .update = "@a ← @b",
                      .definition = "@a = @b",
                      .after_line = "\n",
                      .symbol = [](const std::string& name) { return name; },
                      .has_superscripts = true};

constexpr Style kLatex{.sum = {"@a + @b", kSum, kSum, kQuotient},
                       .difference = {"@a - @b", kSum, kSum, kQuotient},
                       .negative = {"-@a", kSum, kProduct},
                       .product = {"@a @b", kProduct, kProduct, kPower},
                       .product_with_number = {"@a \\cdot @b", kProduct, kProduct, kPower},
                       .quotient = {"\\frac{@a}{@b}", kPower},
                       .power = {"@a^{@b}", kPower, kAtom},
                       .root = {"\\sqrt{@a}", kPower},
                       .magnitude = {"\\left|@a\\right|"},
                       .call = {"\\mathrm{@n}\\left(@a\\right)"},
                       .call_of_two = {"\\mathrm{@n}\\left(@a, @b\\right)"},
                       .product_over = {"\\prod_{i=1}^{t} @a", kProduct, kPower},
                       .gradient = {"\\nabla J\\left(@a\\right)"},
                       .number = "@a",
                       .parentheses = "\\left(@a\\right)",
                       .update = "@a &\\leftarrow @b",
                       .definition = "@a &= @b",
                       .after_line = " \\\\\n",
                       .symbol = latex_symbol};

constexpr Style kMathml{
    .sum = {"@a<mo>+</mo>@b", kSum, kSum, kQuotient},
    .difference = {"@a<mo>−</mo>@b", kSum, kSum, kQuotient},
    .negative = {"<mo>−</mo>@a", kSum, kProduct},
    .product = {"@a@b", kProduct, kProduct, kPower},
    .product_with_number = {"@a<mo>·</mo>@b", kProduct, kProduct, kPower},
    .quotient = {"<mfrac><mrow>@a</mrow><mrow>@b</mrow></mfrac>", kPower},
    .power = {"<msup><mrow>@a</mrow><mrow>@b</mrow></msup>", kPower, kAtom},
    .root = {"<msqrt>@a</msqrt>", kPower},
    .magnitude = {"<mo>|</mo>@a<mo>|</mo>"},
    .call = {"<mi>@n</mi><mo>(</mo>@a<mo>)</mo>"},
    .call_of_two = {"<mi>@n</mi><mo>(</mo>@a<mo>,</mo>@b<mo>)</mo>"},
    .product_over = {"<munderover><mo>∏</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow>"
                     "<mi>t</mi></munderover>@a",
                     kProduct, kPower},
    .gradient = {"<mo>∇</mo><mi>J</mi><mo>(</mo>@a<mo>)</mo>"},
    .number = "<mn>@a</mn>",
    .parentheses = "<mo>(</mo>@a<mo>)</mo>",
    .update = "<mtr><mtd>@a</mtd><mtd><mo>←</mo></mtd><mtd><mrow>@b</mrow></mtd></mtr>",
    .definition = "<mtr><mtd>@a</mtd><mtd><mo>=</mo></mtd><mtd><mrow>@b</mrow></mtd></mtr>",
    .after_line = "",
    .symbol = mathml_symbol};

constexpr Style kNumbers = [] {
  Style style = kText;
  style.product = style.product_with_number;
  style.is_numeric = true;
  return style;
}();

std::string write_lines(const Style& style, const Derivation& derivation) {
  std::string text;
  for (const auto& [symbol, is_update, right] : derivation.lines) {
    text += replace(is_update ? style.update : style.definition, style.symbol(symbol),
                    write(style, right.node())) +
            style.after_line;
  }
  return text;
}

/// Returns the shortest text from which the Scalar reads back exactly.
std::string exact_text(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.begin(), text.end(), static_cast<Scalar>(value)).ptr;
  return {text.data(), end};
}

}  // namespace

std::string to_formula(const Derivation& derivation, Notation notation) {
  switch (notation) {
    case Notation::latex:
      return "\\begin{aligned}\n" + write_lines(kLatex, derivation) + "\\end{aligned}";
    case Notation::mathml:
      return "<math display=\"block\"><mtable>" + write_lines(kMathml, derivation) +
             "</mtable></math>";
    case Notation::text:
      break;
  }
  std::string text = write_lines(kText, derivation);
  text.pop_back();  // the last newline
  return text;
}

std::string to_numbers(const Derivation& derivation) {
  std::string text;
  for (const auto& [symbol, is_update, right] : derivation.lines) {
    const bool is_last = &right == &derivation.lines.back().right;
    text += symbol + " = " + write(kText, right.node()) + " = ";
    if (!right.node().shared) text += write(kNumbers, right.node()) + " = ";
    text += is_last ? exact_text(right.value()) : format_number(right.value()) + "\n";
  }
  return text;
}

}  // namespace xgrad::inline XGRAD_ABI::optim
