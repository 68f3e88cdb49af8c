// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/expression.hpp>

namespace xgrad::inline XGRAD_ABI::optim {

/// A node of the tree of terms: an operation on the operands a and b.
struct Expression::Node {
  // product_over is the product of a over i from 1 to t; gradient is that of J at the point a.
  enum class Term {
    number,
    symbol,
    sum,
    difference,
    product,
    quotient,
    negative,
    power,
    root,
    magnitude,
    call,
    product_over,
    gradient
  };
  Term term = Term::number;         ///< the operation
  double value = 0;                 ///< the value of the term
  bool shared = false;              ///< whether the term contains only coefficients and numbers
  std::string name{};               ///< of a symbol or a function
  std::shared_ptr<const Node> a{};  ///< the first operand
  std::shared_ptr<const Node> b{};  ///< the second operand
};

}  // namespace xgrad::inline XGRAD_ABI::optim
