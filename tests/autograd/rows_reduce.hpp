// SPDX-License-Identifier: MIT
#pragma once

// The rows of autograd/ops_reduce.hpp.

#include <autograd/op_kinds.hpp>

#include <algorithm>

namespace xgrad::test {

/// Returns indices as a tensor, which has no gradient.
inline Tensor index_tensor(const Indices& indices) {
  Array values = empty(Shape(indices.shape().begin(), indices.shape().end()));
  std::copy(indices.begin(), indices.end(), values.data());
  return Tensor(std::move(values));
}

/// Makes the row of argmax or argmin.
inline Op index_reduction(const std::string& name,
                          Indices (*f)(const Tensor&, std::ptrdiff_t, bool)) {
  return {name,
          [f](Tensors x, const Args& a) { return index_tensor(f(x[0], a.axis, a.keepdims)); },
          Domain::distinct,
          [](Rng& rng) { return any_axis(rng, 1); },
          {{{{2, 3, 4}}, "(2, 4)", {.axis = 1}, 0},
           {{{2, 3, 4}}, "(2, 1, 4)", {.axis = 1, .keepdims = true}, 0},
           {{{3, 0}}, "(0,)", {.axis = 0}},
           {{{0, 3}}, "(0,)", {.axis = -1}},
           {{{3, 0}}, "[" + name + "] nothing to reduce", {.axis = 1}},
           {{{}}, "[" + name + "] axis 0 is outside", {.axis = 0}}}};
}

/// The variance is 0 if all elements are equal. It needs two elements.
inline std::vector<Op> variances() {
  const auto least_two = [](Rng& rng) { return any_axis(rng, 2); };
  return {{"var",
           [](Tensors x, const Args&) { return var(x[0]); },
           Domain::anywhere,
           least_two,
           {{{{2, 3}}, "()", {}, 0},
            {{{}}, "[var] more than 1 elements are needed"},
            {{{0, 3}}, "[var] nothing to reduce"}}},
          {"var",
           [](Tensors x, const Args& a) { return var(x[0], a.axis, 1, a.keepdims); },
           Domain::anywhere,
           least_two,
           {{{{2, 3, 4}}, "(2, 4)", {.axis = 1}, 0},
            {{{2, 3, 4}}, "(2, 1, 4)", {.axis = -2, .keepdims = true}, 0},
            {{{0, 3}}, "(0,)", {.axis = 1}},
            {{{2, 1}}, "[var] more than 1 elements are needed", {.axis = 1}},
            {{{0, 3}}, "[var] nothing to reduce", {.axis = 0}},
            {{{}}, "[var] axis -1 is outside", {.axis = -1}}}},
          {"var",
           [](Tensors x, const Args& a) { return var(x[0], a.axes, 0, a.keepdims); },
           Domain::anywhere,
           any_axes,
           {{{{2, 3, 4}}, "(3,)", {.axes = {0, 2}}, 0}, {{{1}}, "()", {.axes = {0}}, 0}}}};
}

inline std::vector<Op> reductions() {
  using enum Domain;
  const Case mean_of_nothing{{{0, 3}}, "[mean] nothing to reduce", {.axis = 0}};
  const Case max_of_nothing{{{0, 3}}, "[max] nothing to reduce", {.axis = 0}};
  const Case min_of_nothing{{{0, 3}}, "[min] nothing to reduce", {.axis = 0}};
  return {
      whole_reduction("sum", anywhere, sum, {{{0, 3}}, "()", {}, 0}),
      axis_reduction("sum", anywhere, sum,
                     {{{{0, 3}}, "(3,)", {.axis = 0}, 0},
                      {{{0, 70}}, "(70,)", {.axis = 0}, 0},  // several SIMD registers of columns
                      {{{0, 3}}, "(1, 3)", {.axis = 0, .keepdims = true}, 0},
                      {{{2, 0, 3}}, "(2, 3)", {.axis = 1}, 0},
                      {{{2, 3, 0}}, "(2, 3)", {.axis = -1}, 0}}),
      axes_reduction("sum", anywhere, sum),
      whole_reduction("mean", anywhere, mean, mean_of_nothing),
      axis_reduction("mean", anywhere, mean, {mean_of_nothing}),
      axes_reduction("mean", anywhere, mean),
      whole_reduction("max", distinct, max, max_of_nothing),
      axis_reduction("max", distinct, max, {max_of_nothing}),
      axes_reduction("max", distinct, max),
      whole_reduction("min", distinct, min, min_of_nothing),
      axis_reduction("min", distinct, min, {min_of_nothing}),
      axes_reduction("min", distinct, min),
      index_reduction("argmax", argmax),
      index_reduction("argmin", argmin)};
}

}  // namespace xgrad::test
