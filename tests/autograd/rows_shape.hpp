// SPDX-License-Identifier: MIT
#pragma once

// The rows of autograd/ops_shape.hpp.

#include <autograd/op_kinds.hpp>

#include <algorithm>

namespace xgrad::test {

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

inline Case random_permutation(Rng& rng) {
  const Shape shape = random_shape(rng, 1, 4);
  Args args{.axes = {}};
  for (const std::size_t axis : rng.permutation(shape.size())) {
    args.axes.push_back(static_cast<std::ptrdiff_t>(axis));
  }
  return {{shape}, "", args};
}

inline Case random_transpose(Rng& rng) {
  const Shape shape = random_shape(rng, 1, 4);
  return {{shape}, "", {.axis = random_axis(rng, shape), .axes = {random_axis(rng, shape)}}};
}

inline Case random_squeeze(Rng& rng) {
  Shape shape = random_shape(rng, 1, 4);
  const std::ptrdiff_t axis = random_axis(rng, shape);
  shape[static_cast<std::size_t>(axis)] = 1;
  return {{shape}, "", {.axis = axis}};
}

inline Case random_stack(Rng& rng) {
  const Shape shape = random_shape(rng, 0, 3);
  const auto axis = static_cast<std::ptrdiff_t>(between(rng, 0, shape.size()));
  return {std::vector<Shape>(between(rng, 1, 4), shape), "", {.axis = axis}};
}

/// Draws an index for each element of a shape.
inline Indices random_indices(Rng& rng, const Shape& shape, std::size_t extent) {
  Indices indices = Indices::from_shape(shape);
  for (std::int32_t& index : indices) index = static_cast<std::int32_t>(rng.below(extent));
  return indices;
}

inline Case random_index_select(Rng& rng) {
  Case call = any_axis(rng, 1);
  const std::size_t extent = call.shapes[0][static_cast<std::size_t>(call.args.axis)];
  call.args.indices = random_indices(rng, {between(rng, 0, 6)}, extent);
  return call;
}

inline Case random_gather(Rng& rng) {
  Case call = any_axis(rng, 1);
  Shape shape = call.shapes[0];
  const auto axis = static_cast<std::size_t>(call.args.axis);
  const std::size_t extent = shape[axis];
  for (std::size_t& each : shape) each = between(rng, 1, each);
  shape[axis] = between(rng, 0, 6);
  call.args.indices = random_indices(rng, shape, extent);
  return call;
}

/// Returns one_hot of labels that are all `begin`, in the shape of x.
inline Tensor one_hot_like(const Tensor& x, const Args& a) {
  Indices labels = Indices::from_shape(x.shape());
  labels.fill(static_cast<std::int32_t>(a.begin));
  return one_hot(labels, a.end);
}

inline Indices column(std::vector<std::int32_t> indices) {
  Indices result = Indices::from_shape({indices.size(), 1});
  std::copy(indices.begin(), indices.end(), result.begin());
  return result;
}

inline std::vector<Op> index_ops() {
  using enum Domain;
  return {{"index_select",
           [](Tensors x, const Args& a) { return index_select(x[0], a.axis, a.indices); },
           anywhere,
           random_index_select,
           {{{{3, 2}}, "(4, 2)", {.axis = 0, .indices = {2, 0, 0, 1}}, 0.5},
            {{{2, 3}}, "(2, 2)", {.axis = -1, .indices = {2, 2}}},
            {{{2, 3, 4}}, "(2, 1, 4)", {.axis = 1, .indices = Indices{1}}},
            {{{2, 3}}, "(0, 3)", {.axis = 0, .indices = Indices::from_shape({0})}},
            {{{3, 0}}, "(2, 0)", {.axis = 0, .indices = {1, 1}}},
            {{{2}},
             "[index_select] the indices must be a vector",
             {.axis = 0, .indices = Indices::from_shape({1, 1})}},
            {{{}}, "[index_select] axis 0", {.axis = 0}}}},
          {"gather",
           [](Tensors x, const Args& a) { return gather(x[0], a.axis, a.indices); },
           anywhere,
           random_gather,
           {{{{2, 3}}, "(2, 2)", {.axis = 1, .indices = {{2, 0}, {1, 1}}}, 0.5},
            {{{2, 3}}, "(4, 1)", {.axis = 0, .indices = column({1, 0, 1, 1})}},
            {{{4}}, "(2,)", {.axis = -1, .indices = {3, 3}}},
            {{{0, 3}}, "(0, 2)", {.axis = 1, .indices = Indices::from_shape({0, 2})}},
            {{{2, 3}}, "[gather] the indices must have as many", {.axis = 1, .indices = {1}}},
            {{{1, 3}},
             "[gather] the indices must have as many",
             {.axis = 1, .indices = column({1, 1})}},
            {{{}}, "[gather] axis 0", {.axis = 0}}}},
          {"one_hot",
           [](Tensors x, const Args& a) { return one_hot_like(x[0], a); },
           anywhere,
           [](Rng& rng) {
             return Case{{random_shape(rng, 0, 3)}, "", {.begin = 2, .end = between(rng, 3, 5)}};
           },
           {{{{2, 3}}, "(2, 3, 1)", {.end = 1}, 1},
            {{{}}, "(4,)", {.end = 4}},
            {{{0, 2}}, "(0, 2, 3)", {.end = 3}}}}};
}

inline std::vector<Op> reshaping_ops() {
  using enum Domain;
  return {{"permute",
           [](Tensors x, const Args& a) { return permute(x[0], a.axes); },
           anywhere,
           random_permutation,
           {{{{2, 3, 4}}, "(4, 2, 3)", {.axes = {2, 0, 1}}},
            {{{2, 3, 4}}, "(2, 4, 3)", {.axes = {0, -1, 1}}, 0.5},
            {{{2, 0, 3}}, "(3, 2, 0)", {.axes = {2, 0, 1}}},
            {{{2, 3}}, "[permute] each axis of (2, 3) must be listed once", {.axes = {1}}},
            {{{2, 3}}, "[permute] axis 1 is given twice", {.axes = {1, -1}}},
            {{{}}, "[permute] axis 0", {.axes = {0}}}}},
          {"transpose",
           [](Tensors x, const Args& a) { return transpose(x[0], a.axis, a.axes[0]); },
           anywhere,
           random_transpose,
           {{{{2, 3, 4}}, "(2, 4, 3)", {.axis = 1, .axes = {-1}}},
            {{{2, 3, 4}}, "(4, 3, 2)", {.axis = 0, .axes = {2}}},
            {{{2, 3}}, "(2, 3)", {.axis = 0, .axes = {-2}}, 0.5}}},
          {"flatten",
           [](Tensors x, const Args& a) { return flatten(x[0], a.axis); },
           anywhere,
           any_shape_with_axis,
           {{{{2, 3, 4}}, "(2, 12)", {.axis = 1}, 0.5},
            {{{2, 3, 4}}, "(24,)", {.axis = 0}},
            {{{2, 3, 4}}, "(2, 12)", {.axis = -2}},
            {{{5}}, "(5, 1)", {.axis = 1}},
            {{{}}, "(1,)", {.axis = 0}},
            {{{0, 3, 2}}, "(0, 6)", {.axis = 1}},
            {{{2, 0, 3}}, "(2, 0)", {.axis = 1}},
            {{{}}, "[flatten] axis 1", {.axis = 1}}}},
          {"squeeze",
           [](Tensors x, const Args& a) { return squeeze(x[0], a.axis); },
           anywhere,
           random_squeeze,
           {{{{2, 1, 3}}, "(2, 3)", {.axis = 1}, 0.5},
            {{{1}}, "()", {.axis = -1}},
            {{{0, 1}}, "(0,)", {.axis = 1}},
            {{{2, 3}}, "[squeeze] axis 1 of (2, 3) must have extent 1", {.axis = 1}},
            {{{}}, "[squeeze] axis 0", {.axis = 0}}}},
          {"unsqueeze",
           [](Tensors x, const Args& a) { return unsqueeze(x[0], a.axis); },
           anywhere,
           any_shape_with_axis,
           {{{{2, 3}}, "(2, 1, 3)", {.axis = 1}, 0.5},
            {{{2, 3}}, "(2, 3, 1)", {.axis = -1}},
            {{{2, 3}}, "(1, 2, 3)", {.axis = 0}},
            {{{}}, "(1,)", {.axis = 0}},
            {{{0}}, "(0, 1)", {.axis = 1}},
            {{{2, 3}}, "[unsqueeze] axis 3", {.axis = 3}}}},
          {"stack",
           [](Tensors x, const Args& a) { return stack(x, a.axis); },
           anywhere,
           random_stack,
           {{{{2, 3}, {2, 3}}, "(2, 2, 3)", {.axis = 0}},
            {{{2, 3}}, "(2, 3, 1)", {.axis = -1}, 0.5},
            {{{2, 3}, {2, 3}, {2, 3}}, "(2, 3, 3)", {.axis = 1}},
            {{{}, {}}, "(2,)", {.axis = 0}},
            {{{0, 3}, {0, 3}}, "(0, 2, 3)", {.axis = 1}},
            {{{2}, {3}}, "[stack] shapes differ", {.axis = 0}},
            {{{2}}, "[stack] axis 2", {.axis = 2}}}}};
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

}  // namespace xgrad::test
