// SPDX-License-Identifier: MIT
#pragma once

// The numbers with which an update rule computes. A rule is a function template on the type E of
// one element (optim/rule.hpp). E is Element<T> when it computes, with T a SIMD register, float,
// double or long double, and Expression when it writes its own formula.

#include <xgrad/core/config.hpp>

#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::optim {

/// A number that all elements of a step share, such as the learning rate. It is computed in double
/// once per step, and rounded to the type of the elements when it meets one.
class Coefficient {
 public:
  Coefficient(double value = 0) : value_(value), inverse_(1 / value) {}  ///< Converts a number.
  double value() const { return value_; }                                ///< Returns the number.
  double inverse() const { return inverse_; }                            ///< Returns 1 / value().

  /// Each function returns the result of the operation.
  ///@{
  friend Coefficient operator+(Coefficient a, Coefficient b) { return a.value_ + b.value_; }
  friend Coefficient operator-(Coefficient a, Coefficient b) { return a.value_ - b.value_; }
  friend Coefficient operator*(Coefficient a, Coefficient b) { return a.value_ * b.value_; }
  friend Coefficient operator/(Coefficient a, Coefficient b) { return a.value_ / b.value_; }
  friend Coefficient operator-(Coefficient a) { return -a.value_; }
  friend Coefficient sqrt(Coefficient a) { return std::sqrt(a.value_); }
  ///@}
  /// Returns a^n.
  friend Coefficient pow(Coefficient a, Coefficient n) { return std::pow(a.value_, n.value_); }
  /// Returns 1 - a^n for a in [0, 1) without the rounding error of the difference.
  friend Coefficient one_minus_pow(Coefficient a, Coefficient n) {
    return -std::expm1(n.value_ * std::log1p(a.value_ - 1));
  }
  /// Returns a. An Expression takes the name.
  friend Coefficient let(const char*, Coefficient a) { return a; }
  /// Returns the product of f(i) for i from 1 to n, where each f(i) is in [0, 1). An Expression
  /// calls the factors by the name.
  friend Coefficient product(const char*, Coefficient n, auto f) {
    double result = 1;
    for (int i = 1; i <= n.value_ && result > 0x1p-70; ++i) result *= f(Coefficient(i)).value_;
    return result;
  }

 private:
  double value_;
  double inverse_;  // kept, so that a kernel does not divide
};

namespace detail {

template <class T>
struct NumberOf {
  using type = T;
};
template <class T>
requires requires { typename T::value_type; }
struct NumberOf<T> {
  using type = typename T::value_type;
};

}  // namespace detail

/// One element of an array in an update rule, or a register of elements. T is a floating-point type
/// or a SIMD register.
template <class T>
struct Element {
  using Number = typename detail::NumberOf<T>::type;  ///< type of one element

  T value;  ///< the number, or the register

  Element(double number = 0) : value(static_cast<Number>(number)) {}  ///< Converts a number.
  Element(Coefficient number) : Element(number.value()) {}            ///< Converts a coefficient.
  /// Returns the element with this value.
  static Element of(const T& value) {
    Element result;
    result.value = value;
    return result;
  }

  /// Each function returns the result of the operation, element by element.
  ///@{
  friend Element operator+(const Element& a, const Element& b) { return of(a.value + b.value); }
  friend Element operator-(const Element& a, const Element& b) { return of(a.value - b.value); }
  friend Element operator*(const Element& a, const Element& b) { return of(a.value * b.value); }
  friend Element operator/(const Element& a, const Element& b) { return of(a.value / b.value); }
  // A product with 1 / b is much faster than a quotient.
  friend Element operator/(const Element& a, Coefficient b) { return a * Element(b.inverse()); }
  friend Element operator/(const Element& a, double b) { return a * Element(1 / b); }
  friend Element operator-(const Element& a) { return of(-a.value); }

  friend Element square(const Element& a) { return of(a.value * a.value); }
  friend Element sqrt(const Element& a) {
    using std::sqrt;
    return of(sqrt(a.value));
  }
  friend Element abs(const Element& a) {
    using std::abs;
    return of(abs(a.value));
  }
  ///@}
  /// Returns 1 if a > 0, -1 if a < 0, and a itself if it is 0 or NaN.
  friend Element sign(const Element& a) {
    const T zero = Element(0).value, one = Element(1).value;
    return of(choose(a.value > zero, one, choose(a.value < zero, T(-one), a.value)));
  }
  /// Returns the larger of a and b.
  friend Element maximum(const Element& a, const Element& b) {
    return of(choose(a.value > b.value, a.value, b.value));
  }
  /// Returns 0 if a is denormal, otherwise a. Arithmetic with denormal numbers is slow.
  friend Element without_denormals(const Element& a) {
    const T least = Element::of(T(std::numeric_limits<Number>::min())).value;
    return of(choose(abs(a).value < least, Element(0).value, a.value));
  }
  /// Returns a. An Expression takes the name.
  friend Element let(const char*, const Element& a) { return a; }

  // What Coefficient offers, because Element<long double> also is the type of the coefficients.
  friend Element pow(const Element& a, const Element& n) { return of(std::pow(a.value, n.value)); }
  friend Element one_minus_pow(const Element& a, const Element& n) {
    return of(-std::expm1(n.value * std::log1p(a.value - 1)));
  }
  friend Element product(const char*, const Element& n, auto f) {
    Element result = 1;
    for (int i = 1; i <= n.value && result.value > 0x1p-70; ++i) result = result * f(Element(i));
    return result;
  }

 private:
  static T choose(bool condition, const T& yes, const T& no) { return condition ? yes : no; }
  template <class Mask>
  static T choose(const Mask& mask, const T& yes, const T& no) {
    return select(mask, yes, no);  // of the SIMD register
  }
};

}  // namespace xgrad::inline XGRAD_ABI::optim
