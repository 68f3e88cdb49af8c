// SPDX-License-Identifier: MIT
#pragma once

// The rows of autograd/ops_elementwise.hpp.

#include <autograd/op_kinds.hpp>
#include <support/tensors.hpp>

#include <cmath>

namespace xgrad::test {

inline std::vector<Op> broadcasting_ops() {
  using enum Domain;
  return {broadcasting("operator+", "add", anywhere, 0.75, operator+),
          broadcasting("operator-", "sub", anywhere, 0.25, operator-),
          broadcasting("operator*", "mul", anywhere, 0.125, operator*),
          broadcasting("operator/", "div", nonzero, 2, operator/),
          broadcasting("maximum", "maximum", distinct, 0.5, maximum),
          broadcasting("minimum", "minimum", distinct, 0.25, minimum)};
}

/// Draws a mask and two operands that broadcast.
inline Case random_where(Rng& rng) {
  const Shape whole = random_shape(rng, 0, 3);
  Array mask = empty(random_part(rng, whole));
  for (std::size_t i = 0; i < mask.size(); ++i) mask.data()[i] = coin(rng) ? Scalar{1} : Scalar{0};
  return {{random_part(rng, whole), random_part(rng, whole)}, "", {.mask = mask}};
}

inline std::vector<Op> functions() {
  using enum Domain;
  using T = const Tensor&;
  return {
      function("operator-", anywhere, -0.5, operator-),
      function("operator+", anywhere, 5.5, [](T x) { return 3 + (x + 2); }),
      function("operator-", anywhere, -3.75, [](T x) { return (x - 2) * (3 - x); }),
      function("operator*", anywhere, 1.5, [](T x) { return (2 * x) * (x * 3); }),
      function("operator/", nonzero, 6.25, [](T x) { return (x / 2) + (3 / x); }),
      function("exp", anywhere, std::exp(0.5), exp),
      function("log", positive, std::log(0.5), log),
      function("log1p", positive, std::log1p(0.5), log1p),
      function("sqrt", positive, std::sqrt(0.5), sqrt),
      function("abs", nonzero, 0.5, [](T x) { return abs(-x); }),
      function("square", anywhere, 0.25, xgrad::square),
      function("sin", anywhere, std::sin(0.5), sin),
      function("cos", anywhere, std::cos(0.5), cos),
      function("tanh", anywhere, std::tanh(0.5), tanh),
      function("sigmoid", anywhere, 1 / (1 + std::exp(-0.5)), sigmoid),
      function("sigmoid", anywhere, 1 / (1 + std::exp(-2.0)), [](T x) { return sigmoid(4 * x); }),
      function("relu", nonzero, 0.5, relu),
      function("leaky_relu", nonzero, -0.005, [](T x) { return leaky_relu(-x); }),
      function("leaky_relu", nonzero, 0.5, [](T x) { return leaky_relu(x, 0.3); }),
      function("elu", anywhere, std::expm1(-0.5), [](T x) { return elu(-x); }),
      function("elu", nonzero, 0.5, [](T x) { return elu(x, 0.3); }),
      function("gelu", anywhere, 0.25 * std::erfc(-0.5 / std::sqrt(2.0)), gelu),
      function("silu", anywhere, 0.5 / (1 + std::exp(-0.5)), silu),
      function("softplus", anywhere, std::log1p(std::exp(0.5)), softplus),
      function("softplus", anywhere, 800, [](T x) { return softplus(1600 * x); }),
      function("clamp", nonzero, 0.5, [](T x) { return clamp(x, 0, kInf); }),
      function("clamp", nonzero, -0.5, [](T x) { return clamp(-x, -100, 0); }),
      {"where",
       [](Tensors x, const Args& a) { return where(a.mask, x[0], x[1]); },
       anywhere,
       random_where,
       {{{{2, 3}, {2, 3}}, "(2, 3)", {.mask = Array{{1, 0, 1}, {0, 0, -2}}}},
        {{{3}, {2, 1}}, "(2, 3)", {.mask = Array{{1, 0, 1}, {0, 0, -2}}}},
        {{{}, {}}, "(2, 3)", {.mask = Array{{1, 0, 1}, {0, 0, -2}}}},
        {{{}, {2, 3}}, "(2, 3)", {.mask = Array(Scalar{1})}, 0.5},
        {{{2, 3}, {}}, "(2, 3)", {.mask = Array{0}}, 0.25},
        {{{}, {}}, "()", {.mask = Array(Scalar{0})}, 0.25},
        {{{0, 3}, {3}}, "(0, 3)", {.mask = Array{1, 0, 1}}},
        {{{2, 3}, {2}}, "[where] shapes do not broadcast", {.mask = Array(Scalar{1})}},
        {{{2, 3}, {3}}, "[where] shapes do not broadcast", {.mask = Array{1, 0}}}}},
      {"pow",
       [](Tensors x, const Args& a) { return pow(x[0], std::round(a.number)); },
       nonzero,
       [](Rng& rng) -> Case {
         return {{random_shape(rng, 0, 3)}, "", {.number = std::round(rng.uniform(-3, 6))}};
       },
       {{{{2, 3}}, "(2, 3)", {.number = 2}, 0.25},
        {{{2, 3}}, "(2, 3)", {.number = 1}, 0.5},
        {{{2, 3}}, "(2, 3)", {.number = 0}, 1},
        {{{2, 3}}, "(2, 3)", {.number = -1}, 2},
        {{{2, 3}}, "(2, 3)", {.number = 5}, 0.03125},
        {{{}}, "()", {.number = 3}, 0.125},
        {{{0}}, "(0,)", {.number = 2}}}},
      {"pow",
       [](Tensors x, const Args& a) { return pow(x[0], a.number); },
       positive,
       [](Rng& rng) -> Case {
         return {
             {random_shape(rng, 0, 3)}, "", {.number = one_of<double>(rng, {0.5, -1.5, 2.7, 3.5})}};
       },
       {{{{2, 3}}, "(2, 3)", {.number = 0.5}, std::sqrt(0.5)},
        {{{2, 3}}, "(2, 3)", {.number = -1.5}, std::sqrt(8)},
        {{{0, 2}}, "(0, 2)", {.number = 0.5}}}},
  };
}

}  // namespace xgrad::test
