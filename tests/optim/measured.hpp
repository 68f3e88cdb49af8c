// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>
#include <xgrad/optim/element.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::test {

/// A number, and the size to which the rounding errors of its computation are relative. If terms
/// cancel in a sum, the size of the sum is that of the largest term. Later operations change the
/// size as they change a small error. An update rule can compute with it as its element type.
struct Measured {
  using Number = long double;
  Number value, size;

  Measured(Number number = 0) : Measured(number, 0) {}
  Measured(optim::Element<Number> number) : Measured(number.value) {}
  Measured(Number value_, Number size_)
      : value(value_), size(std::max({size_, std::fabs(value_), kLeast})) {}

  friend Measured operator+(const Measured& a, const Measured& b) {
    return {a.value + b.value, std::max(a.size, b.size)};
  }
  friend Measured operator-(const Measured& a, const Measured& b) { return a + -b; }
  friend Measured operator-(const Measured& a) { return {-a.value, a.size}; }
  friend Measured operator*(const Measured& a, const Measured& b) {
    return {a.value * b.value, std::max(a.size * std::fabs(b.value), b.size * std::fabs(a.value))};
  }
  friend Measured operator/(const Measured& a, const Measured& b) {
    const Number quotient = a.value / b.value;
    return {quotient, std::max(a.size, std::fabs(quotient) * b.size) / std::fabs(b.value)};
  }
  friend Measured square(const Measured& a) { return a * a; }
  friend Measured sqrt(const Measured& a) {
    const Number root = std::sqrt(a.value);
    return {root, root > 0 ? a.size / (2 * root) : std::sqrt(a.size / kEpsilon)};
  }
  friend Measured abs(const Measured& a) { return {std::fabs(a.value), a.size}; }
  /// The sign of a sum that cancels depends on rounding, so it can have any error.
  friend Measured sign(const Measured& a) {
    const bool is_certain = a.value == 0 || std::fabs(a.value) > 8 * kEpsilon * a.size;
    return {static_cast<Number>((a.value > 0) - (a.value < 0)), is_certain ? 1 : 1 / kEpsilon};
  }
  friend Measured maximum(const Measured& a, const Measured& b) {
    return {std::max(a.value, b.value), std::max(a.size, b.size)};
  }
  friend Measured let(const char*, const Measured& a) { return a; }

 private:
  static constexpr Number kEpsilon = std::numeric_limits<Scalar>::epsilon();
  // The rounding error of a denormal number.
  static constexpr Number kLeast = std::numeric_limits<Scalar>::min();
};

}  // namespace xgrad::test
