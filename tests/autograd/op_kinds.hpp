// SPDX-License-Identifier: MIT
#pragma once

// The parts of op_table.hpp: a row, and functions that make the rows of common kinds of ops.

#include <support/random_arrays.hpp>
#include <xgrad/autograd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::test {

using Tensors = const std::vector<Tensor>&;

/// The arguments of an op that are not tensors. Each op uses some of them.
struct Args {
  std::ptrdiff_t axis = -1;
  bool keepdims = false;
  std::vector<std::ptrdiff_t> axes = {0};
  std::size_t begin = 0, end = 0;
  double number = 0;
  Shape shape = {};
  Labels labels = {};
  Indices indices = {};
  Array mask = {};
  Size2d kernel = 1, stride = 1, padding = 0;
};

/// A call of an op.
struct Case {
  std::vector<Shape> shapes;         ///< the shapes of the tensors
  std::string answer = {};           ///< the shape of the result, or how the error starts
  Args args = {};                    ///< the other arguments
  std::optional<double> value = {};  ///< each element of the result for inputs 0.5, 0.25, 0.125
};

/// Where an op has a derivative.
enum class Domain {
  anywhere,
  nonzero,   ///< where the last tensor has no 0
  positive,  ///< where all elements are positive
  distinct,  ///< where no two elements are equal
};

/// A row of the table.
struct Op {
  std::string name;                                  ///< as ops.hpp declares it
  std::function<Tensor(Tensors, const Args&)> call;  ///< applies the op
  Domain domain;
  std::function<Case(Rng&)> random;  ///< draws shapes and arguments that fit together
  std::vector<Case> cases;           ///< the first one has as many tensors as the op needs
};

inline Case any_shape(Rng& rng) { return {{random_shape(rng, 0, 3)}}; }

inline std::ptrdiff_t random_axis(Rng& rng, const Shape& shape) {
  return static_cast<std::ptrdiff_t>(rng.below(shape.size()));
}

/// Returns a shape whose extents are at least `least`, with an axis and with or without keepdims.
inline Case any_axis(Rng& rng, std::size_t least) {
  Shape shape = random_shape(rng, 1, 3);
  for (std::size_t& extent : shape) extent = std::max(extent, least);
  return {{shape}, "", {.axis = random_axis(rng, shape), .keepdims = coin(rng)}};
}

/// Returns a shape with at least one axis, and an axis of it.
inline Case any_shape_with_axis(Rng& rng) { return any_axis(rng, 0); }

/// Returns a shape without an extent of 0, with several axes and with or without keepdims.
inline Case any_axes(Rng& rng) {
  Shape shape = random_shape(rng, 1, 4);
  for (std::size_t& extent : shape) extent = std::max<std::size_t>(extent, 1);
  std::vector<std::ptrdiff_t> axes;
  for (const std::size_t axis : rng.permutation(shape.size())) {
    if (axes.empty() || coin(rng)) axes.push_back(static_cast<std::ptrdiff_t>(axis));
  }
  return {{shape}, "", {.keepdims = coin(rng), .axes = axes}};
}

/// Makes the row of a function of each element, whose value at 0.5 is `at_half`.
inline Op function(const std::string& name, Domain domain, double at_half,
                   Tensor (*f)(const Tensor&)) {
  Op op{name, [f](Tensors x, const Args&) { return f(x[0]); }, domain, any_shape, {}};
  for (const Shape& shape : std::vector<Shape>{{2, 3}, {37}, {1, 37}, {}, {0}, {0, 3}, {3, 0}}) {
    op.cases.push_back({{shape}, to_string(shape), {}, at_half});
  }
  return op;
}

/// Makes the row of an op of two tensors that broadcast. Its errors start with [`error_name`], and
/// `value` is its value at 0.5 and 0.25.
inline Op broadcasting(const std::string& name, const std::string& error_name, Domain domain,
                       double value, Tensor (*f)(const Tensor&, const Tensor&)) {
  const auto random = [](Rng& rng) -> Case {
    const Shape whole = random_shape(rng, 0, 3);
    return {{random_part(rng, whole), random_part(rng, whole)}};
  };
  Op op{name, [f](Tensors x, const Args&) { return f(x[0], x[1]); }, domain, random, {}};
  op.cases = {{{{2, 3}, {2, 3}}, "(2, 3)"},
              {{{2, 3}, {3}}, "(2, 3)"},
              {{{3}, {2, 3}}, "(2, 3)"},
              {{{2, 3}, {2, 1}}, "(2, 3)"},
              {{{2, 1}, {2, 3}}, "(2, 3)"},
              {{{1, 1}, {2, 3}}, "(2, 3)"},
              {{{}, {2, 3}}, "(2, 3)"},
              {{{2, 3}, {}}, "(2, 3)"},
              {{{}, {}}, "()"},
              {{{3, 1}, {1, 4}}, "(3, 4)"},
              {{{2, 1, 4}, {3, 1}}, "(2, 3, 4)"},
              {{{4}, {2, 3, 1}}, "(2, 3, 4)"},
              {{{2, 3, 4}, {1, 3, 1}}, "(2, 3, 4)"},
              {{{0, 3}, {3}}, "(0, 3)"},
              {{{}, {0, 3}}, "(0, 3)"},
              {{{0, 1}, {3}}, "(0, 3)"},
              {{{2, 0}, {2, 1}}, "(2, 0)"},
              {{{0, 2}, {}}, "(0, 2)"},
              {{{0}, {1}}, "(0,)"},
              {{{1}, {0}}, "(0,)"},
              {{{2, 0, 3}, {3}}, "(2, 0, 3)"},
              {{{4, 0, 2}, {}}, "(4, 0, 2)"}};
  for (Case& each : op.cases) each.value = value;
  op.cases.push_back({{{0}, {2}}, "[" + error_name + "] shapes do not broadcast"});
  return op;
}

/// Makes the row of a reduction over all elements. `of_nothing` is the case without elements.
inline Op whole_reduction(const std::string& name, Domain domain, Tensor (*f)(const Tensor&),
                          const Case& of_nothing) {
  const std::size_t least = of_nothing.value ? 0 : 1;
  return {name,
          [f](Tensors x, const Args&) { return f(x[0]); },
          domain,
          [least](Rng& rng) { return coin(rng) ? any_axis(rng, least) : Case{{Shape{}}}; },
          {{{{2, 3}}, "()"}, {{{}}, "()", {}, 0.5}, of_nothing}};
}

/// Makes the row of a reduction along one axis. `of_nothing` lists the cases without elements.
inline Op axis_reduction(const std::string& name, Domain domain,
                         Tensor (*f)(const Tensor&, const Axes&, bool),
                         const std::vector<Case>& of_nothing) {
  const std::size_t least = of_nothing[0].value ? 0 : 1;
  Op op{name,
        [f](Tensors x, const Args& a) { return f(x[0], a.axis, a.keepdims); },
        domain,
        [least](Rng& rng) { return any_axis(rng, least); },
        {}};
  op.cases = {{{{2, 3, 4}}, "(3, 4)", {.axis = 0}},
              {{{2, 3, 4}}, "(2, 4)", {.axis = 1}},
              {{{2, 3, 4}}, "(2, 4)", {.axis = -2}},
              {{{2, 3, 4}}, "(2, 3)", {.axis = -1}},
              {{{2, 3, 4}}, "(2, 1, 4)", {.axis = -2, .keepdims = true}},
              {{{2, 3, 4}}, "(2, 3, 1)", {.axis = 2, .keepdims = true}},
              {{{2, 1, 4}}, "(2, 1, 4)", {.axis = 1, .keepdims = true}, 0.5},
              {{{5}}, "()", {.axis = 0}},
              {{{1, 4}}, "(4,)", {.axis = 0}, 0.5},
              {{{0, 3}}, "(0,)", {.axis = 1}},
              {{{0, 3}}, "(0, 1)", {.axis = 1, .keepdims = true}},
              {{{}}, "[" + name + "] axis 0 is outside", {.axis = 0}},
              {{{}}, "[" + name + "] axis -1 is outside", {.axis = -1}}};
  op.cases.insert(op.cases.end(), of_nothing.begin(), of_nothing.end());
  return op;
}

/// Makes the row of a reduction along several axes.
inline Op axes_reduction(const std::string& name, Domain domain,
                         Tensor (*f)(const Tensor&, const Axes&, bool)) {
  return {name,
          [f](Tensors x, const Args& a) { return f(x[0], a.axes, a.keepdims); },
          domain,
          any_axes,
          {{{{2, 3, 4}}, "(3,)", {.axes = {0, 2}}},
           {{{2, 3, 4}}, "(2,)", {.axes = {-1, 1}}},
           {{{2, 3, 4}}, "(1, 3, 1)", {.keepdims = true, .axes = {2, 0}}},
           {{{2, 3, 4}}, "()", {.axes = {0, 1, 2}}},
           {{{2, 3, 4}}, "(1, 1, 1)", {.keepdims = true, .axes = {0, 1, 2}}},
           {{{2, 3, 4, 2}}, "(3,)", {.axes = {0, 2, 3}}},
           {{{1, 1}}, "()", {.axes = {0, 1}}, 0.5},
           {{{0, 3, 4}}, "(0,)", {.axes = {1, 2}}},
           {{{2, 3}}, "[" + name + "] axis 1 is given twice", {.axes = {1, -1}}},
           {{{2, 3}}, "[" + name + "] at least one axis is needed", {.axes = {}}},
           {{{2, 3}}, "[" + name + "] axis 2 is outside", {.axes = {0, 2}}}}};
}

}  // namespace xgrad::test
