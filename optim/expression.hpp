// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::optim {

/// The notation of a formula.
enum class Notation { text, latex, mathml };

struct Derivation;

/// A term of a formula, together with its value. An update rule that computes with expressions
/// instead of numbers writes its formula into a Derivation, one line for each assignment.
class Expression {
 public:
  /// Creates a number.
  Expression(double number = 0);
  /// Creates a variable such as "m" or "β₁". Assigning to it appends a line to `derivation`. In
  /// numeric lines, a term that contains only coefficients is replaced by its value.
  static Expression variable(const std::string& symbol, double value, Derivation& derivation);
  /// Creates a coefficient such as "β₁".
  static Expression coefficient(const std::string& symbol, double value, Derivation& derivation);
  /// Creates the gradient of J at the point `at`: ∇J(at).
  static Expression gradient(const Expression& at, double value);

  /// Copies the term. The copy is not a variable to which lines are assigned.
  Expression(const Expression& other) : Expression(other.node_, other.derivation_) {}
  /// Appends a line `symbol = x` if this is a variable. Otherwise it copies x.
  Expression& operator=(const Expression& x);
  ~Expression() = default;

  double value() const;  ///< Returns the value of the term.

  /// Each function returns the term that it computes, with its value.
  ///@{
  friend Expression operator+(const Expression& a, const Expression& b);
  friend Expression operator-(const Expression& a, const Expression& b);
  friend Expression operator*(const Expression& a, const Expression& b);
  friend Expression operator/(const Expression& a, const Expression& b);
  friend Expression operator-(const Expression& a);
  friend Expression square(const Expression& a);
  friend Expression pow(const Expression& a, const Expression& n);
  friend Expression one_minus_pow(const Expression& a, const Expression& n);
  friend Expression sqrt(const Expression& a);
  friend Expression abs(const Expression& a);
  friend Expression sign(const Expression& a);
  friend Expression maximum(const Expression& a, const Expression& b);
  ///@}
  /// Returns the product of f(i) for i from 1 to t. `name` is the symbol of f(i).
  friend Expression product(const char* name, const Expression& t, auto f) {
    double result = 1;
    for (int i = 1; i <= t.value() && result > 0x1p-70; ++i) result *= f(Expression(i)).value();
    return product_of(Expression::coefficient(name, result, *t.derivation_));
  }
  /// Returns a variable of this name with the value x, and appends the line `name = x`.
  friend Expression let(const char* name, const Expression& x);

  struct Node;  ///< a node of the tree of terms
  /// Returns the root of the tree.
  const Node& node() const { return *node_; }

 private:
  Expression(std::shared_ptr<const Node> node, Derivation* derivation)
      : node_(std::move(node)), derivation_(derivation) {}
  static Expression product_of(const Expression& factor);
  static Expression apply(Node node, const Expression& a, const Expression* b = nullptr);

  std::shared_ptr<const Node> node_;
  Derivation* derivation_ = nullptr;  ///< the lines to which let() and assignments append
  bool assignable_ = false;           ///< whether an assignment appends a line
};

/// The lines that an update rule has written.
struct Derivation {
  /// An assignment.
  struct Line {
    std::string symbol;  ///< the variable on the left
    bool is_update;      ///< whether the variable has an old value: "←" rather than "="
    Expression right;    ///< the right side
  };
  std::vector<Line> lines;  ///< the assignments in their order
};

/// Returns the lines as a formula. `text` separates lines by newlines; `latex` is one aligned
/// environment; `mathml` is one math element.
std::string to_formula(const Derivation& derivation, Notation notation);

/// Returns each line as `symbol = formula = numbers = value`, one below the other. The last value
/// is a Scalar, printed so that it reads back exactly.
std::string to_numbers(const Derivation& derivation);

}  // namespace xgrad::inline XGRAD_ABI::optim
