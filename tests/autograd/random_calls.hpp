// SPDX-License-Identifier: MIT
#pragma once

// A random call of each op: shapes, axes and numbers.

#include <support/property.hpp>
#include <xgrad/autograd.hpp>

#include <functional>
#include <string>
#include <vector>

namespace xgrad::test {

using Tensors = const std::vector<Tensor>&;

struct Call {
  std::vector<Array> inputs;
  std::function<Tensor(Tensors)> f;
};

struct RandomOp {
  const char* name;
  std::function<Call(Rng&)> call;
};

using Binary = Tensor (*)(const Tensor&, const Tensor&);
using Unary = Tensor (*)(const Tensor&);

/// Two shapes of which each stretches where the other has more.
inline Call random_call(Rng& rng, Binary op) {
  const Shape whole = random_shape(rng, 0, 3);
  return {apart(rng, {random_part(rng, whole), random_part(rng, whole)}, false),
          [op](Tensors x) { return op(x[0], x[1]); }};
}

inline Call random_call(Rng& rng, Unary op, bool positive = false) {
  return {apart(rng, {random_shape(rng, 0, 3)}, positive), [op](Tensors x) { return op(x[0]); }};
}

/// Over all elements, or along an axis; `least` is the smallest extent that can be reduced.
template <class Reduce>
Call random_reduction(Rng& rng, std::size_t least, Reduce reduce) {
  Shape shape = random_shape(rng, 0, 3);
  for (std::size_t& extent : shape) extent = std::max(extent, least);
  const bool whole = shape.empty() || coin(rng), keepdims = coin(rng);
  const auto axis = static_cast<std::ptrdiff_t>(shape.empty() ? 0 : rng.below(shape.size()));
  return {apart(rng, {shape}, false),
          [=](Tensors x) { return reduce(x[0], whole, axis, keepdims); }};
}

inline Call random_pow(Rng& rng) {
  const double exponent = one_of<double>(rng, {0, 1, 2, 3, -1, 0.5, -1.5, 2.7});
  const bool whole = exponent == std::round(exponent);
  return {apart(rng, {random_shape(rng, 0, 3)}, !whole),
          [=](Tensors x) { return pow(x[0], exponent); }};
}

inline Call random_matmul(Rng& rng) {
  const std::size_t m = between(rng, 0, 5), k = between(rng, 0, 5), n = between(rng, 0, 5);
  return {apart(rng, {{m, k}, {k, n}}, false), [](Tensors x) { return matmul(x[0], x[1]); }};
}

inline Call random_linear(Rng& rng) {
  Shape x = random_shape(rng, 1, 3);
  const std::size_t out = between(rng, 1, 5);
  return {apart(rng, {x, {out, x[x.size() - 1]}, {out}}, false),
          [](Tensors t) { return linear(t[0], t[1], t[2]); }};
}

inline Call random_reshape(Rng& rng) {
  const Shape shape = random_shape(rng, 0, 3);
  Shape to;  // the extents in another order, with some of 1 between them
  for (const std::size_t i : rng.permutation(shape.size())) {
    if (coin(rng)) to.push_back(1);
    to.push_back(shape[i]);
  }
  return {apart(rng, {shape}, false), [to](Tensors x) { return reshape(x[0], to); }};
}

inline Call random_concatenate(Rng& rng) {
  Shape shape = random_shape(rng, 1, 3);
  const std::size_t axis = between(rng, 0, shape.size() - 1);
  std::vector<Shape> parts(between(rng, 1, 4), shape);
  for (Shape& part : parts) part[axis] = between(rng, 0, 3);
  return {apart(rng, parts, false),
          [axis](Tensors x) { return concatenate(x, static_cast<std::ptrdiff_t>(axis)); }};
}

inline Call random_slice(Rng& rng) {
  const Shape shape = random_shape(rng, 1, 3);
  const std::size_t axis = between(rng, 0, shape.size() - 1);
  const std::size_t begin = between(rng, 0, shape[axis]), end = between(rng, begin, shape[axis]);
  return {apart(rng, {shape}, false),
          [=](Tensors x) { return slice(x[0], static_cast<std::ptrdiff_t>(axis), begin, end); }};
}

inline Call random_softmax(Rng& rng, Tensor (*op)(const Tensor&, std::ptrdiff_t)) {
  const Shape shape = random_shape(rng, 1, 3);
  const auto axis = static_cast<std::ptrdiff_t>(rng.below(shape.size()));
  return {apart(rng, {shape}, false), [=](Tensors x) { return op(x[0], axis); }};
}

inline Call random_cross_entropy(Rng& rng) {
  const std::size_t rows = between(rng, 1, 6), classes = between(rng, 1, 12);
  Labels labels = Labels::from_shape({rows});
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(rng.below(classes));
  return {apart(rng, {{rows, classes}}, false),
          [labels](Tensors x) { return cross_entropy(x[0], labels); }};
}

inline Call random_mse_loss(Rng& rng) {
  Shape shape = random_shape(rng, 0, 3);
  for (std::size_t& extent : shape) extent = std::max<std::size_t>(extent, 1);
  return {apart(rng, {shape, shape}, false), [](Tensors x) { return mse_loss(x[0], x[1]); }};
}

/// The ops of two tensors that broadcast.
inline const std::vector<std::pair<const char*, Binary>> kBinaryOps{
    {"operator+", operator+ },
     {"operator-", operator- },
      {"operator*", operator* },
       {"operator/", operator/ }, {"maximum", maximum}, {"minimum", minimum}};

inline std::vector<RandomOp> random_ops() {
  std::vector<RandomOp> ops{
      {"exp", [](Rng& rng) { return random_call(rng, exp); }},
      {"log", [](Rng& rng) { return random_call(rng, log, true); }},
      {"sqrt", [](Rng& rng) { return random_call(rng, sqrt, true); }},
      {"abs", [](Rng& rng) { return random_call(rng, abs); }},
      {"tanh", [](Rng& rng) { return random_call(rng, tanh); }},
      {"sigmoid", [](Rng& rng) { return random_call(rng, sigmoid); }},
      {"relu", [](Rng& rng) { return random_call(rng, relu); }},
      {"transpose", [](Rng& rng) { return random_call(rng, transpose); }},
      {"leaky_relu",
       [](Rng& rng) {
         return random_call(rng, [](const Tensor& x) { return leaky_relu(x, 0.2); });
       }},
      {"pow", random_pow},
      {"sum",
       [](Rng& rng) {
         return random_reduction(rng, 0,
                                 [](const Tensor& x, bool whole, std::ptrdiff_t axis, bool keep) {
                                   return whole ? sum(x) : sum(x, axis, keep);
                                 });
       }},
      {"mean",
       [](Rng& rng) {
         return random_reduction(rng, 1,
                                 [](const Tensor& x, bool whole, std::ptrdiff_t axis, bool keep) {
                                   return whole ? mean(x) : mean(x, axis, keep);
                                 });
       }},
      {"max",
       [](Rng& rng) {
         return random_reduction(rng, 1,
                                 [](const Tensor& x, bool whole, std::ptrdiff_t axis, bool keep) {
                                   return whole ? max(x) : max(x, axis, keep);
                                 });
       }},
      {"matmul", random_matmul},
      {"linear", random_linear},
      {"reshape", random_reshape},
      {"concatenate", random_concatenate},
      {"slice", random_slice},
      {"softmax", [](Rng& rng) { return random_softmax(rng, softmax); }},
      {"log_softmax", [](Rng& rng) { return random_softmax(rng, log_softmax); }},
      {"cross_entropy", random_cross_entropy},
      {"mse_loss", random_mse_loss}};
  for (const auto& [name, op] : kBinaryOps) {
    ops.push_back({name, [op = op](Rng& rng) { return random_call(rng, op); }});
  }
  return ops;
}

}  // namespace xgrad::test
