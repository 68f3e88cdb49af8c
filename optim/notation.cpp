// SPDX-License-Identifier: MIT
// Writes the lines of a derivation as text, LaTeX, MathML and numbers.
#include <xgrad/core/internal/numbers.hpp>
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

struct Written {
  std::string text;
  Strength strength = kAtom;
};

/// Writes terms as text. The other notations override what differs.
class Writer {
 public:
  virtual ~Writer() = default;

  std::string term(const Node& x, Strength required = kSum) const {
    const Written written = write(x);
    return written.strength >= required ? written.text : parentheses(written.text);
  }
  virtual std::string symbol(const std::string& name) const { return name; }
  virtual std::string line(const std::string& left, bool is_update,
                           const std::string& right) const {
    return left + (is_update ? " ← " : " = ") + right;
  }

 protected:
  virtual Written number(double value) const { return {format_number(value)}; }
  virtual std::string parentheses(const std::string& x) const { return "(" + x + ")"; }
  virtual std::string join(const std::string& a, const char* sign, const std::string& b) const {
    return a + " " + sign + " " + b;
  }
  virtual std::string product(const std::string& a, const std::string& b) const {
    const bool is_number = b[0] >= '0' && b[0] <= '9';
    return a + (is_number ? " · " : " ") + b;
  }
  virtual std::string product_over(const std::string& factor) const { return "∏ᵢ₌₁ᵗ " + factor; }
  virtual Written quotient(const Node& a, const Node& b) const {
    return {term(a, kProduct) + " / " + term(b, kPower), kQuotient};
  }
  virtual std::string power(const Node& base, const Node& exponent) const {
    const std::string n = term(exponent);
    if (n == "2") return term(base, kAtom) + "²";
    if (n == "t") return term(base, kAtom) + "ᵗ";
    return term(base, kAtom) + "^" + term(exponent, kAtom);
  }
  virtual std::string root(const Node& x) const { return "√" + term(x, kAtom); }
  virtual std::string magnitude(const Node& x) const { return "|" + term(x) + "|"; }
  virtual std::string call(const std::string& name, const std::string& a,
                           const std::string& b) const {
    return name + parentheses(b.empty() ? a : a + ", " + b);
  }
  virtual std::string gradient(const Node& at) const { return "∇J" + parentheses(term(at)); }
  virtual Written write(const Node& x) const {
    switch (x.term) {
      case Term::number:
        return number(x.value);
      case Term::symbol:
        return {symbol(x.name)};
      case Term::sum:
        return {join(term(*x.a), "+", term(*x.b, kQuotient)), kSum};
      case Term::difference:
        return {join(term(*x.a), "−", term(*x.b, kQuotient)), kSum};
      case Term::product:
        return {product(term(*x.a, kProduct), term(*x.b, kPower)), kProduct};
      case Term::quotient:
        return quotient(*x.a, *x.b);
      case Term::negative:
        return {"−" + term(*x.a, kProduct), kSum};
      case Term::power:
        return {power(*x.a, *x.b), kPower};
      case Term::root:
        return {root(*x.a), kPower};
      case Term::magnitude:
        return {magnitude(*x.a)};
      case Term::call:
        return {call(x.name, term(*x.a), x.b ? term(*x.b) : "")};
      case Term::product_over:
        return {product_over(term(*x.a)), kProduct};
      case Term::gradient:
        return {gradient(*x.a)};
    }
    return {};
  }
};

/// Writes the numbers in place of the symbols.
class NumberWriter final : public Writer {
  Written number(double value) const override {
    // A negative number is written like a difference, so it is put into parentheses in a product.
    const std::string text = format_number(value);
    const bool is_plain = text.find_first_of("-e") == std::string::npos;
    return {text, is_plain ? kAtom : text[0] == '-' ? kSum : kProduct};
  }
  std::string product(const std::string& a, const std::string& b) const override {
    return a + " · " + b;
  }
  Written write(const Node& x) const override {
    const bool is_number = x.shared || x.term == Term::symbol || x.term == Term::gradient;
    return is_number ? number(x.value) : Writer::write(x);
  }
};

/// The parts of a symbol such as "m̂" or "β₁".
struct Symbol {
  std::string base;
  std::string subscript;
  bool has_hat = false;
  bool has_prime = false;
};

Symbol parse_symbol(std::string_view name) {
  constexpr std::string_view hat = "\u0302", zero = "₀";
  Symbol symbol;
  while (!name.empty()) {
    std::size_t length = 1;
    while (length < name.size() && (name[length] & 0xC0) == 0x80) ++length;
    const std::string_view c = name.substr(0, length);
    name.remove_prefix(length);
    if (c == hat) {
      symbol.has_hat = true;
    } else if (c == "'" || c == "′") {
      symbol.has_prime = true;
    } else if (c == "ₜ" || c == "ᵢ") {
      symbol.subscript += c == "ₜ" ? 't' : 'i';
    } else if (c.substr(0, 2) == zero.substr(0, 2) && c.size() == 3) {
      symbol.subscript += static_cast<char>('0' + (c[2] - zero[2]));
    } else {
      symbol.base += c;
    }
  }
  return symbol;
}

class LatexWriter final : public Writer {
 public:
  std::string symbol(const std::string& name) const override {
    const Symbol parts = parse_symbol(name);
    std::string text = letter(parts.base);
    if (parts.has_hat) text = "\\hat{" + text + "}";
    if (parts.has_prime) text += "'";
    return parts.subscript.empty() ? text : text + "_{" + parts.subscript + "}";
  }
  std::string line(const std::string& left, bool is_update,
                   const std::string& right) const override {
    return left + (is_update ? " &\\leftarrow " : " &= ") + right + " \\\\\n";
  }

 private:
  static std::string letter(const std::string& base) {
    static constexpr std::array<std::array<const char*, 2>, 12> kLetters{{{"θ", "\\theta"},
                                                                          {"η", "\\eta"},
                                                                          {"γ", "\\gamma"},
                                                                          {"ρ", "\\rho"},
                                                                          {"β", "\\beta"},
                                                                          {"ε", "\\varepsilon"},
                                                                          {"λ", "\\lambda"},
                                                                          {"ψ", "\\psi"},
                                                                          {"μ", "\\mu"},
                                                                          {"δ", "\\delta"},
                                                                          {"α", "\\alpha"},
                                                                          {"Π", "\\Pi"}}};
    for (const auto& [unicode, latex] : kLetters) {
      if (base == unicode) return latex;
    }
    return base;
  }
  std::string join(const std::string& a, const char* sign, const std::string& b) const override {
    return a + (*sign == '+' ? " + " : " - ") + b;
  }
  std::string product(const std::string& a, const std::string& b) const override {
    const bool is_number = b[0] >= '0' && b[0] <= '9';
    return a + (is_number ? " \\cdot " : " ") + b;
  }
  std::string product_over(const std::string& factor) const override {
    return "\\prod_{i=1}^{t} " + factor;
  }
  std::string parentheses(const std::string& x) const override {
    return "\\left(" + x + "\\right)";
  }
  Written quotient(const Node& a, const Node& b) const override {
    return {"\\frac{" + term(a) + "}{" + term(b) + "}", kPower};
  }
  std::string power(const Node& base, const Node& exponent) const override {
    return term(base, kAtom) + "^{" + term(exponent) + "}";
  }
  std::string root(const Node& x) const override { return "\\sqrt{" + term(x) + "}"; }
  std::string magnitude(const Node& x) const override { return "\\left|" + term(x) + "\\right|"; }
  std::string call(const std::string& name, const std::string& a,
                   const std::string& b) const override {
    return Writer::call("\\operatorname{" + name + "}", a, b);
  }
  std::string gradient(const Node& at) const override {
    return "\\nabla J" + parentheses(term(at));
  }
};

class MathmlWriter final : public Writer {
 public:
  std::string symbol(const std::string& name) const override {
    const Symbol parts = parse_symbol(name);
    std::string text = "<mi>" + parts.base + "</mi>";
    if (parts.has_hat) text = "<mover accent=\"true\">" + text + "<mo>^</mo></mover>";
    if (parts.has_prime) text = "<msup>" + text + "<mo>′</mo></msup>";
    if (parts.subscript.empty()) return text;
    const bool is_number = parts.subscript[0] <= '9';
    return "<msub>" + text + (is_number ? "<mn>" : "<mi>") + parts.subscript +
           (is_number ? "</mn>" : "</mi>") + "</msub>";
  }
  std::string line(const std::string& left, bool is_update,
                   const std::string& right) const override {
    return "<mtr><mtd>" + left + "</mtd><mtd><mo>" + (is_update ? "←" : "=") + "</mo></mtd><mtd>" +
           row(right) + "</mtd></mtr>";
  }

 private:
  static std::string row(const std::string& x) { return "<mrow>" + x + "</mrow>"; }
  Written number(double value) const override { return {"<mn>" + format_number(value) + "</mn>"}; }
  std::string join(const std::string& a, const char* sign, const std::string& b) const override {
    return a + "<mo>" + sign + "</mo>" + b;
  }
  std::string parentheses(const std::string& x) const override {
    return "<mo>(</mo>" + x + "<mo>)</mo>";
  }
  std::string product(const std::string& a, const std::string& b) const override {
    const bool is_number = b.starts_with("<mn>") || b.starts_with("<msup><mrow><mn>");
    return a + (is_number ? "<mo>·</mo>" : "") + b;
  }
  std::string product_over(const std::string& factor) const override {
    return "<munderover><mo>∏</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>t</mi>"
           "</munderover>" +
           factor;
  }
  Written quotient(const Node& a, const Node& b) const override {
    return {"<mfrac>" + row(term(a)) + row(term(b)) + "</mfrac>", kPower};
  }
  std::string power(const Node& base, const Node& exponent) const override {
    return "<msup>" + row(term(base, kAtom)) + row(term(exponent)) + "</msup>";
  }
  std::string root(const Node& x) const override { return "<msqrt>" + term(x) + "</msqrt>"; }
  std::string magnitude(const Node& x) const override {
    return "<mo>|</mo>" + term(x) + "<mo>|</mo>";
  }
  std::string call(const std::string& name, const std::string& a,
                   const std::string& b) const override {
    return "<mi>" + name + "</mi>" + parentheses(b.empty() ? a : a + "<mo>,</mo>" + b);
  }
  std::string gradient(const Node& at) const override {
    return "<mo>∇</mo><mi>J</mi>" + parentheses(term(at));
  }
};

std::string write_lines(const Derivation& derivation, const Writer& writer) {
  std::string text;
  for (const auto& [symbol, is_update, right] : derivation.lines) {
    text += writer.line(writer.symbol(symbol), is_update, writer.term(right.node()));
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
    case Notation::text: {
      std::string text;
      for (const auto& [symbol, is_update, right] : derivation.lines) {
        if (!text.empty()) text += '\n';
        text += Writer().line(symbol, is_update, Writer().term(right.node()));
      }
      return text;
    }
    case Notation::latex:
      return "\\begin{aligned}\n" + write_lines(derivation, LatexWriter()) + "\\end{aligned}";
    case Notation::mathml:
      return "<math display=\"block\"><mtable>" + write_lines(derivation, MathmlWriter()) +
             "</mtable></math>";
  }
  return {};
}

std::string to_numbers(const Derivation& derivation) {
  const NumberWriter numbers;
  std::string text;
  for (const auto& [symbol, is_update, right] : derivation.lines) {
    const bool is_last = &right == &derivation.lines.back().right;
    if (!text.empty()) text += '\n';
    text += symbol + " = " + Writer().term(right.node()) + " = ";
    if (!right.node().shared) text += numbers.term(right.node()) + " = ";
    text += (is_last ? exact_text(right.value()) : format_number(right.value()));
  }
  return text;
}

}  // namespace xgrad::inline XGRAD_ABI::optim
