// SPDX-License-Identifier: MIT
#pragma once

// The table of all ops of autograd/ops.hpp. The gradient checks, the tests of shapes, the random
// graphs and the fuzz target of graphs run over its rows.

#include <autograd/op_kinds.hpp>

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
      function("sqrt", positive, std::sqrt(0.5), sqrt),
      function("abs", nonzero, 0.5, [](T x) { return abs(-x); }),
      function("tanh", anywhere, std::tanh(0.5), tanh),
      function("sigmoid", anywhere, 1 / (1 + std::exp(-0.5)), sigmoid),
      function("sigmoid", anywhere, 1 / (1 + std::exp(-2.0)), [](T x) { return sigmoid(4 * x); }),
      function("relu", nonzero, 0.5, relu),
      function("leaky_relu", nonzero, -0.005, [](T x) { return leaky_relu(-x); }),
      function("leaky_relu", nonzero, 0.5, [](T x) { return leaky_relu(x, 0.3); }),
      {"pow",
       [](Tensors x, const Args& a) { return pow(x[0], std::round(a.number)); },
       nonzero,
       [](Rng& rng) -> Case {
         return {{random_shape(rng, 0, 3)}, "", {.number = std::round(rng.uniform(-2, 4))}};
       },
       {{{{2, 3}}, "(2, 3)", {.number = 2}, 0.25},
        {{{2, 3}}, "(2, 3)", {.number = 1}, 0.5},
        {{{2, 3}}, "(2, 3)", {.number = 0}, 1},
        {{{2, 3}}, "(2, 3)", {.number = -1}, 2},
        {{{}}, "()", {.number = 3}, 0.125},
        {{{0}}, "(0,)", {.number = 2}}}},
      {"pow",
       [](Tensors x, const Args& a) { return pow(x[0], a.number); },
       positive,
       [](Rng& rng) -> Case {
         return {{random_shape(rng, 0, 3)}, "", {.number = one_of<double>(rng, {0.5, -1.5, 2.7})}};
       },
       {{{{2, 3}}, "(2, 3)", {.number = 0.5}, std::sqrt(0.5)},
        {{{2, 3}}, "(2, 3)", {.number = -1.5}, std::sqrt(8)},
        {{{0, 2}}, "(0, 2)", {.number = 0.5}}}},
  };
}

/// Returns the result of argmax as a tensor. It has no gradient.
inline Tensor argmax_tensor(const Tensor& x, std::ptrdiff_t axis) {
  const Indices indices = argmax(x, axis);
  Array values = empty(Shape(indices.shape().begin(), indices.shape().end()));
  std::copy(indices.begin(), indices.end(), values.data());
  return Tensor(std::move(values));
}

inline std::vector<Op> reductions() {
  using enum Domain;
  const Case mean_of_nothing{{{0, 3}}, "[mean] nothing to reduce", {.axis = 0}};
  const Case max_of_nothing{{{0, 3}}, "[max] nothing to reduce", {.axis = 0}};
  return {
      whole_reduction("sum", anywhere, sum, {{{0, 3}}, "()", {}, 0}),
      axis_reduction("sum", anywhere, sum,
                     {{{{0, 3}}, "(3,)", {.axis = 0}, 0},
                      {{{0, 70}}, "(70,)", {.axis = 0}, 0},  // several SIMD registers of columns
                      {{{0, 3}}, "(1, 3)", {.axis = 0, .keepdims = true}, 0},
                      {{{2, 0, 3}}, "(2, 3)", {.axis = 1}, 0},
                      {{{2, 3, 0}}, "(2, 3)", {.axis = -1}, 0}}),
      whole_reduction("mean", anywhere, mean, mean_of_nothing),
      axis_reduction("mean", anywhere, mean, {mean_of_nothing}),
      whole_reduction("max", distinct, max, max_of_nothing),
      axis_reduction("max", distinct, max, {max_of_nothing}),
      {"argmax",
       [](Tensors x, const Args& a) { return argmax_tensor(x[0], a.axis); },
       distinct,
       [](Rng& rng) { return any_axis(rng, 1); },
       {{{{2, 3, 4}}, "(2, 4)", {.axis = 1}, 0},
        {{{3, 0}}, "(0,)", {.axis = 0}},
        {{{0, 3}}, "(0,)", {.axis = -1}},
        {{{3, 0}}, "[argmax] nothing to reduce", {.axis = 1}},
        {{{}}, "[argmax] axis 0 is outside", {.axis = 0}}}}};
}

inline Case random_linear(Rng& rng) {
  const Shape x = random_shape(rng, 1, 3);
  const std::size_t out = between(rng, 1, 5);
  return {{x, {out, x[x.size() - 1]}, {out}}};
}

inline std::vector<Op> matrix_ops() {
  const auto random_matmul = [](Rng& rng) -> Case {
    const std::size_t m = between(rng, 0, 5), k = between(rng, 0, 5), n = between(rng, 0, 5);
    return {{{m, k}, {k, n}}};
  };
  return {{"matmul",
           [](Tensors x, const Args&) { return matmul(x[0], x[1]); },
           Domain::anywhere,
           random_matmul,
           {{{{2, 3}, {3, 4}}, "(2, 4)", {}, 0.375},
            {{{3, 3}, {3, 3}}, "(3, 3)"},
            {{{1, 3}, {3, 4}}, "(1, 4)"},
            {{{3, 1}, {1, 4}}, "(3, 4)"},
            {{{2, 3}, {3, 1}}, "(2, 1)"},
            {{{1, 3}, {3, 1}}, "(1, 1)"},
            {{{1, 1}, {1, 1}}, "(1, 1)"},
            {{{0, 3}, {3, 4}}, "(0, 4)"},
            {{{2, 0}, {0, 4}}, "(2, 4)", {}, 0},
            {{{2, 3}, {3, 0}}, "(2, 0)"},
            {{{0, 0}, {0, 0}}, "(0, 0)"},
            {{{}, {2, 3}}, "[matmul] both"},
            {{{2, 3}, {}}, "[matmul] both"}}},
          {"linear",
           [](Tensors x, const Args&) { return linear(x[0], x[1], x[2]); },
           Domain::anywhere,
           random_linear,
           {{{{5, 3}, {4, 3}, {4}}, "(5, 4)", {}, 0.5},
            {{{3, 3}, {3, 3}, {3}}, "(3, 3)"},
            {{{1, 3}, {4, 3}, {4}}, "(1, 4)"},
            {{{3}, {4, 3}, {4}}, "(4,)"},
            {{{2, 3, 4}, {2, 4}, {2}}, "(2, 3, 2)"},
            {{{5, 3}, {1, 3}, {1}}, "(5, 1)"},
            {{{5, 1}, {4, 1}, {4}}, "(5, 4)"},
            {{{0, 3}, {4, 3}, {4}}, "(0, 4)"},
            {{{0, 3}, {70, 3}, {70}}, "(0, 70)"},
            {{{5, 0}, {4, 0}, {4}}, "(5, 4)", {}, 0.125},
            {{{4, 3}, {0, 3}, {0}}, "(4, 0)"},
            {{{0}, {0, 0}, {0}}, "(0,)"},
            {{{}, {2, 3}, {2}}, "[linear]"},
            {{{3}, {2, 3}, {}}, "[linear]"},
            {{{3}, {}, {2}}, "[linear]"}}}};
}

inline Case random_reshape(Rng& rng) {
  const Shape shape = random_shape(rng, 0, 3);
  Args args;  // the extents in another order, with some of 1 between them
  for (const std::size_t i : rng.permutation(shape.size())) {
    if (coin(rng)) args.shape.push_back(1);
    args.shape.push_back(shape[i]);
  }
  return {{shape}, "", args};
}

inline Case random_concatenate(Rng& rng) {
  const Shape shape = random_shape(rng, 1, 3);
  const std::ptrdiff_t axis = random_axis(rng, shape);
  std::vector<Shape> parts(between(rng, 1, 4), shape);
  for (Shape& part : parts) part[static_cast<std::size_t>(axis)] = between(rng, 0, 3);
  return {parts, "", {.axis = axis}};
}

inline Case random_slice(Rng& rng) {
  const Shape shape = random_shape(rng, 1, 3);
  const std::size_t axis = rng.below(shape.size());
  const std::size_t begin = between(rng, 0, shape[axis]), end = between(rng, begin, shape[axis]);
  return {{shape}, "", {.axis = static_cast<std::ptrdiff_t>(axis), .begin = begin, .end = end}};
}

inline std::vector<Op> shape_ops() {
  using enum Domain;
  return {{"transpose",
           [](Tensors x, const Args&) { return transpose(x[0]); },
           anywhere,
           any_shape,
           {{{{2, 3}}, "(3, 2)"},
            {{{2, 3, 4}}, "(4, 3, 2)"},
            {{{3}}, "(3,)"},
            {{{}}, "()", {}, 0.5},
            {{{0, 3}}, "(3, 0)"},
            {{{2, 0, 3}}, "(3, 0, 2)"}}},
          {"reshape",
           [](Tensors x, const Args& a) { return reshape(x[0], a.shape); },
           anywhere,
           random_reshape,
           {{{{2, 6}}, "(3, 1, 4)", {.shape = {3, 1, 4}}, 0.5},
            {{{}}, "(1, 1)", {.shape = {1, 1}}, 0.5},
            {{{1}}, "()", {.shape = {}}, 0.5},
            {{{0, 3}}, "(5, 0)", {.shape = {5, 0}}},
            {{{0, 3}}, "(5, 0, 2)", {.shape = {5, 0, 2}}},
            {{{0}}, "[reshape] (0,) has 0", {.shape = {1}}}}},
          {"concatenate",
           [](Tensors x, const Args& a) { return concatenate(x, a.axis); },
           anywhere,
           random_concatenate,
           {{{{2, 3}, {2, 3}}, "(2, 6)", {.axis = 1}},
            {{{2, 3}}, "(2, 3)", {.axis = 0}, 0.5},
            {{{1, 3}, {2, 3}, {3, 3}}, "(6, 3)", {.axis = 0}},
            {{{2, 1}, {2, 2}, {2, 3}}, "(2, 6)", {.axis = 1}},
            {{{2, 2, 1}, {2, 2, 3}, {2, 2, 2}}, "(2, 2, 6)", {.axis = -1}},
            {{{2, 1, 2}, {2, 3, 2}, {2, 2, 2}}, "(2, 6, 2)", {.axis = 1}},
            {{{2}, {0}, {3}}, "(5,)", {.axis = 0}},
            {{{0, 3}, {0, 3}}, "(0, 3)", {.axis = 0}},
            {{{0, 3}, {0, 2}}, "(0, 5)", {.axis = 1}},
            {{{2, 3}, {0, 3}}, "(2, 3)", {.axis = 0}, 0.5},
            {{{0}, {}}, "[concatenate] all", {.axis = 0}},
            {{{}, {}}, "[concatenate] axis 0", {.axis = 0}}}},
          {"slice",
           [](Tensors x, const Args& a) { return slice(x[0], a.axis, a.begin, a.end); },
           anywhere,
           random_slice,
           {{{{5, 3}}, "(3, 3)", {.axis = 0, .begin = 1, .end = 4}, 0.5},
            {{{5, 3}}, "(5, 1)", {.axis = 1, .begin = 2, .end = 3}},
            {{{2, 3, 4}}, "(2, 2, 4)", {.axis = -2, .begin = 0, .end = 2}},
            {{{5}}, "(0,)", {.axis = 0, .begin = 2, .end = 2}},
            {{{2, 3}}, "(2, 0)", {.axis = 1, .begin = 3, .end = 3}},
            {{{0, 3}}, "(0, 2)", {.axis = 1, .begin = 1, .end = 3}},
            {{{0}}, "(0,)", {.axis = 0, .begin = 0, .end = 0}},
            {{{0}}, "[slice] [0, 1) is not", {.axis = 0, .begin = 0, .end = 1}},
            {{{}}, "[slice] axis 0", {.axis = 0, .begin = 0, .end = 1}}}}};
}

inline Op softmax_op(const std::string& name, Tensor (*f)(const Tensor&, std::ptrdiff_t)) {
  return {name,
          [f](Tensors x, const Args& a) { return f(x[0], a.axis); },
          Domain::anywhere,
          [](Rng& rng) { return any_axis(rng, 0); },
          {{{{2, 3}}, "(2, 3)"},
           {{{2, 3}}, "(2, 3)", {.axis = 0}},
           {{{2, 3, 4}}, "(2, 3, 4)", {.axis = 0}},
           {{{2, 3, 4}}, "(2, 3, 4)", {.axis = 1}},
           {{{2, 3, 4}}, "(2, 3, 4)", {.axis = 2}},
           {{{2, 3, 4}}, "(2, 3, 4)", {.axis = -2}},
           {{{37}}, "(37,)"},
           {{{3, 1}}, "(3, 1)"},
           {{{0, 3}}, "(0, 3)"},
           {{{0, 3}}, "(0, 3)", {.axis = 0}},
           {{{3, 0}}, "(3, 0)"},
           {{{3, 0}}, "(3, 0)", {.axis = 0}},
           {{{}}, "[" + name + "] axis -1"}}};
}

inline Case random_cross_entropy(Rng& rng) {
  const std::size_t rows = between(rng, 1, 6), classes = between(rng, 1, 12);
  Args args{.labels = Labels::from_shape({rows})};
  for (std::int32_t& label : args.labels) label = static_cast<std::int32_t>(rng.below(classes));
  return {{{rows, classes}}, "", args};
}

inline Case random_mse_loss(Rng& rng) {
  Shape shape = random_shape(rng, 0, 3);
  for (std::size_t& extent : shape) extent = std::max<std::size_t>(extent, 1);
  return {{shape, shape}};
}

inline std::vector<Op> losses() {
  using enum Domain;
  return {softmax_op("softmax", softmax),
          softmax_op("log_softmax", log_softmax),
          {"cross_entropy",
           [](Tensors x, const Args& a) { return cross_entropy(x[0], a.labels); },
           anywhere,
           random_cross_entropy,
           {{{{3, 4}}, "()", {.labels = {3, 0, 3}}, std::log(4)},
            {{{1, 10}}, "()", {.labels = {9}}, std::log(10)},
            {{{2, 1}}, "()", {.labels = {0, 0}}, 0},
            {{{0, 3}}, "[cross_entropy] the b"},
            {{{1, 0}}, "[cross_entropy] the b", {.labels = {0}}},
            {{{}}, "[cross_entropy] the l", {.labels = {0}}}}},
          {"mse_loss",
           [](Tensors x, const Args&) { return mse_loss(x[0], x[1]); },
           anywhere,
           random_mse_loss,
           {{{{2, 3}, {2, 3}}, "()", {}, 0.0625},
            {{{37}, {37}}, "()", {}, 0.0625},
            {{{}, {}}, "()", {}, 0.0625},
            {{{0}, {0}}, "[mse_loss] nothing"},
            {{{0}, {}}, "[mse_loss] shapes"}}}};
}

inline std::vector<Op> op_table() {
  std::vector<Op> table = broadcasting_ops();
  for (const auto& family : {functions(), reductions(), matrix_ops(), shape_ops(), losses()}) {
    table.insert(table.end(), family.begin(), family.end());
  }
  return table;
}

}  // namespace xgrad::test
