// SPDX-License-Identifier: MIT
#include <xgrad/optim/expression.hpp>

#include <xgrad/optim/internal/terms.hpp>

#include <cmath>
#include <utility>

namespace xgrad::inline XGRAD_ABI::optim {

using Term = Expression::Node::Term;

Expression::Expression(double number)
    : node_(std::make_shared<Node>(Node{.term = Term::number, .value = number, .shared = true})) {}

Expression Expression::variable(const std::string& symbol, double value, Derivation& derivation) {
  Expression result(
      std::make_shared<Node>(Node{.term = Term::symbol, .value = value, .name = symbol}),
      &derivation);
  result.assignable_ = true;
  return result;
}

Expression Expression::coefficient(const std::string& symbol, double value,
                                   Derivation& derivation) {
  return {std::make_shared<Node>(
              Node{.term = Term::symbol, .value = value, .shared = true, .name = symbol}),
          &derivation};
}

Expression Expression::gradient(const Expression& at, double value) {
  return {std::make_shared<Node>(Node{.term = Term::gradient, .value = value, .a = at.node_}),
          at.derivation_};
}

Expression& Expression::operator=(const Expression& x) {
  if (this == &x) return *this;
  if (!assignable_) {
    node_ = x.node_;
    derivation_ = x.derivation_;
    return *this;
  }
  derivation_->lines.push_back({node_->name, true, x});
  node_ =
      std::make_shared<Node>(Node{.term = Term::symbol, .value = x.value(), .name = node_->name});
  return *this;
}

double Expression::value() const { return node_->value; }

Expression Expression::apply(Node node, const Expression& a, const Expression* b) {
  node.a = a.node_;
  node.shared = a.node_->shared && (b == nullptr || b->node_->shared);
  if (b != nullptr) node.b = b->node_;
  Derivation* const derivation =
      a.derivation_ != nullptr || b == nullptr ? a.derivation_ : b->derivation_;
  return {std::make_shared<Node>(std::move(node)), derivation};
}

Expression operator+(const Expression& a, const Expression& b) {
  return Expression::apply({.term = Term::sum, .value = a.value() + b.value()}, a, &b);
}
Expression operator-(const Expression& a, const Expression& b) {
  return Expression::apply({.term = Term::difference, .value = a.value() - b.value()}, a, &b);
}
Expression operator*(const Expression& a, const Expression& b) {
  return Expression::apply({.term = Term::product, .value = a.value() * b.value()}, a, &b);
}
Expression operator/(const Expression& a, const Expression& b) {
  return Expression::apply({.term = Term::quotient, .value = a.value() / b.value()}, a, &b);
}
Expression operator-(const Expression& a) {
  return Expression::apply({.term = Term::negative, .value = -a.value()}, a);
}
Expression pow(const Expression& a, const Expression& n) {
  return Expression::apply({.term = Term::power, .value = std::pow(a.value(), n.value())}, a, &n);
}
Expression square(const Expression& a) { return pow(a, 2); }
Expression one_minus_pow(const Expression& a, const Expression& n) { return 1 - pow(a, n); }
Expression sqrt(const Expression& a) {
  return Expression::apply({.term = Term::root, .value = std::sqrt(a.value())}, a);
}
Expression abs(const Expression& a) {
  return Expression::apply({.term = Term::magnitude, .value = std::abs(a.value())}, a);
}
Expression sign(const Expression& a) {
  const double x = a.value();
  return Expression::apply(
      {.term = Term::call, .value = x > 0 ? 1 : (x < 0 ? -1 : x), .name = "sign"}, a);
}
Expression maximum(const Expression& a, const Expression& b) {
  const double larger = a.value() > b.value() ? a.value() : b.value();
  return Expression::apply({.term = Term::call, .value = larger, .name = "max"}, a, &b);
}

Expression Expression::product_of(const Expression& factor) {
  return apply({.term = Term::product_over, .value = factor.value()}, factor);
}

Expression let(const char* name, const Expression& x) {
  if (x.derivation_ == nullptr) return x;
  x.derivation_->lines.push_back({name, false, x});
  Expression result = Expression::variable(name, x.value(), *x.derivation_);
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::optim
