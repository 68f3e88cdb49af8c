// SPDX-License-Identifier: MIT
#pragma once

// The rows of op_table.hpp for the ops of autograd/ops_conv.hpp.

#include <autograd/op_kinds.hpp>

namespace xgrad::test {

inline Size2d random_size(Rng& rng, std::size_t low, std::size_t high) {
  return {between(rng, low, high), between(rng, low, high)};
}

/// Returns an extent of an image into which the kernel fits, one time in three exactly.
inline std::size_t random_extent(Rng& rng, std::ptrdiff_t kernel, std::ptrdiff_t padding) {
  const std::ptrdiff_t least = std::max<std::ptrdiff_t>(kernel - 2 * padding, 1);
  return static_cast<std::size_t>(least) + (rng.below(3) == 0 ? 0 : between(rng, 0, 4));
}

inline Case random_convolution(Rng& rng) {
  const Size2d kernel = random_size(rng, 1, 4), padding = random_size(rng, 0, 2);
  const std::size_t in = between(rng, 1, 3), out = between(rng, 1, 3);
  const auto kh = static_cast<std::size_t>(kernel.h), kw = static_cast<std::size_t>(kernel.w);
  const Shape x{between(rng, 0, 3), in, random_extent(rng, kernel.h, padding.h),
                random_extent(rng, kernel.w, padding.w)};
  return {
      {x, {out, in, kh, kw}, {out}}, "", {.stride = random_size(rng, 1, 3), .padding = padding}};
}

inline Case random_pooling(Rng& rng) {
  const Size2d kernel = random_size(rng, 1, 4);
  const Size2d padding{between(rng, 0, static_cast<std::size_t>(kernel.h / 2)),
                       between(rng, 0, static_cast<std::size_t>(kernel.w / 2))};
  const Shape x{between(rng, 0, 2), between(rng, 1, 2), random_extent(rng, kernel.h, padding.h),
                random_extent(rng, kernel.w, padding.w)};
  const Size2d stride = coin(rng) ? kernel : random_size(rng, 1, 3);
  return {{x}, "", {.kernel = kernel, .stride = stride, .padding = padding}};
}

/// Makes the row of a pooling op.
inline Op pooling(const std::string& name, Domain domain,
                  Tensor (*f)(const Tensor&, Size2d, const PoolingOptions&)) {
  return {name,
          [f](Tensors x, const Args& a) {
            return f(x[0], a.kernel, {.stride = a.stride, .padding = a.padding});
          },
          domain,
          random_pooling,
          {{{{2, 3, 4, 6}}, "(2, 3, 2, 3)", {.kernel = 2, .stride = kKernelStride}, 0.5},
           {{{1, 2, 5, 5}}, "(1, 2, 3, 4)", {.kernel = {3, 2}}, 0.5},
           {{{1, 2, 5, 5}}, "(1, 2, 2, 2)", {.kernel = {2, 1}, .stride = 3}, 0.5},
           {{{1, 1, 5, 4}}, "(1, 1, 3, 2)", {.kernel = 3, .stride = 2, .padding = 1}},
           {{{1, 1, 3, 4}}, "(1, 1, 1, 1)", {.kernel = {3, 4}}, 0.5},
           {{{0, 3, 4, 4}}, "(0, 3, 2, 2)", {.kernel = 2, .stride = 2}},
           {{{2, 0, 4, 4}}, "(2, 0, 3, 3)", {.kernel = 2}},
           {{{}}, "[" + name + "] the images"},
           {{{3, 4, 4}}, "[" + name + "] the images"},
           {{{1, 1, 0, 4}}, "[" + name + "] the kernel must not be larger"},
           {{{1, 1, 0, 5}}, "[" + name + "] the images must have", {.kernel = 2, .padding = 1}},
           {{{1, 1, 5, 0}}, "[" + name + "] the images must have", {.kernel = 2, .padding = 1}},
           {{{1, 1, 2, 4}}, "[" + name + "] the kernel must not be larger", {.kernel = {3, 1}}}}};
}

inline std::vector<Op> image_ops() {
  return {{"conv2d",
           [](Tensors x, const Args& a) {
             return conv2d(x[0], x[1], x[2], {.stride = a.stride, .padding = a.padding});
           },
           Domain::anywhere,
           random_convolution,
           {{{{2, 3, 5, 4}, {4, 3, 3, 2}, {4}}, "(2, 4, 3, 3)", {}, 2.375},
            {{{1, 2, 4, 4}, {3, 2, 3, 3}, {3}}, "(1, 3, 4, 4)", {.padding = 1}},
            {{{2, 2, 7, 6}, {3, 2, 2, 4}, {3}}, "(2, 3, 5, 3)", {.stride = {2, 3}, .padding = 2}},
            {{{2, 3, 3, 4}, {2, 3, 1, 1}, {2}}, "(2, 2, 3, 4)", {}, 0.5},
            {{{1, 3, 5, 4}, {2, 3, 1, 1}, {2}}, "(1, 2, 3, 2)", {.stride = 2}, 0.5},
            {{{1, 1, 2, 2}, {1, 1, 1, 1}, {1}}, "(1, 1, 4, 4)", {.padding = 1}},
            {{{2, 1, 4, 3}, {2, 1, 4, 3}, {2}}, "(2, 2, 1, 1)", {}, 1.625},
            {{{1, 1, 7, 7}, {1, 1, 2, 2}, {1}}, "(1, 1, 2, 2)", {.stride = 4}, 0.625},
            {{{1, 1, 1, 1}, {1, 1, 5, 5}, {1}}, "(1, 1, 1, 1)", {.padding = 2}, 0.25},
            {{{0, 2, 4, 4}, {3, 2, 3, 3}, {3}}, "(0, 3, 2, 2)"},
            {{{0, 2, 4, 4}, {3, 2, 1, 1}, {3}}, "(0, 3, 4, 4)"},
            {{{2, 0, 4, 4}, {3, 0, 3, 3}, {3}}, "(2, 3, 2, 2)", {}, 0.125},
            {{{2, 0, 4, 4}, {3, 0, 1, 1}, {3}}, "(2, 3, 4, 4)", {}, 0.125},
            {{{2, 2, 4, 4}, {0, 2, 3, 3}, {0}}, "(2, 0, 2, 2)"},
            {{{2, 2, 4, 4}, {0, 2, 1, 1}, {0}}, "(2, 0, 4, 4)"},
            {{{}, {3, 2, 3, 3}, {3}}, "[conv2d] the images"},
            {{{2, 2, 4, 4}, {}, {3}}, "[conv2d] the images"},
            {{{2, 2, 4, 4}, {3, 2, 3, 3}, {}}, "[conv2d] the bias"},
            {{{2, 2, 4, 4}, {3, 2, 0, 3}, {3}}, "[conv2d] the kernel must have"},
            {{{2, 2, 0, 4}, {3, 2, 1, 1}, {3}}, "[conv2d] the kernel must not be larger"}}},
          pooling("max_pool2d", Domain::distinct, max_pool2d),
          pooling("avg_pool2d", Domain::anywhere, avg_pool2d)};
}

inline Case random_batch_norm(Rng& rng) {
  Shape x = random_shape(rng, 2, 4);
  for (std::size_t& extent : x) extent = std::max<std::size_t>(extent, 1);
  x[0] = between(rng, 2, 4);
  return {{x, {x[1]}, {x[1]}}};
}

inline Case random_layer_norm(Rng& rng) {
  Shape x = random_shape(rng, 1, 4);
  for (std::size_t& extent : x) extent = std::max<std::size_t>(extent, 1);
  const auto leading = static_cast<std::ptrdiff_t>(rng.below(x.size()));
  const Shape weight(x.begin() + leading, x.end());
  return {{x, weight, weight}};
}

inline Case random_embedding(Rng& rng) {
  const std::size_t count = between(rng, 1, 5);
  Args args{.labels = Labels::from_shape({between(rng, 0, 6)})};
  for (std::int32_t& index : args.labels) index = static_cast<std::int32_t>(rng.below(count));
  return {{{count, between(rng, 0, 4)}}, "", args};
}

/// Normalizes with the mean 0.25, the variance 3.5 and eps = 0.5.
inline Tensor batch_norm_evaluation(Tensors x, const Args&) {
  const Tensor mean(full(x[1].shape(), Scalar{0.25})), variance(full(x[1].shape(), Scalar{3.5}));
  return batch_norm(x[0], x[1], x[2], mean, variance, 0.5);
}

inline std::vector<Op> normalizations() {
  using enum Domain;
  return {{"batch_norm",
           [](Tensors x, const Args&) { return batch_norm(x[0], x[1], x[2], 0.1); },
           anywhere,
           random_batch_norm,
           {{{{3, 2}, {2}, {2}}, "(3, 2)", {}, 0.125},
            {{{2, 3, 2, 2}, {3}, {3}}, "(2, 3, 2, 2)", {}, 0.125},
            {{{1, 2, 37}, {2}, {2}}, "(1, 2, 37)", {}, 0.125},
            {{{3, 0}, {0}, {0}}, "(3, 0)"},
            {{{1, 4}, {4}, {4}}, "[batch_norm] training needs"},
            {{{0, 4}, {4}, {4}}, "[batch_norm] training needs"},
            {{{}, {4}, {4}}, "[batch_norm] x must"},
            {{{3, 4}, {}, {}}, "[batch_norm] x must"},
            {{{3, 4}, {4}, {3}}, "[batch_norm] x must"}}},
          {"batch_norm",
           batch_norm_evaluation,
           anywhere,
           random_batch_norm,
           {{{{1, 4}, {4}, {4}}, "(1, 4)", {}, 0.15625},
            {{{2, 3, 2, 2}, {3}, {3}}, "(2, 3, 2, 2)", {}, 0.15625},
            {{{0, 4}, {4}, {4}}, "(0, 4)"}}},
          {"layer_norm",
           [](Tensors x, const Args&) { return layer_norm(x[0], x[1], x[2], 0.1); },
           anywhere,
           random_layer_norm,
           {{{{3, 4}, {4}, {4}}, "(3, 4)", {}, 0.125},
            {{{2, 37}, {37}, {37}}, "(2, 37)", {}, 0.125},
            {{{2, 2, 3}, {2, 3}, {2, 3}}, "(2, 2, 3)", {}, 0.125},
            {{{3}, {3}, {3}}, "(3,)", {}, 0.125},
            {{{3, 1}, {1}, {1}}, "(3, 1)", {}, 0.125},
            {{{0, 3}, {3}, {3}}, "(0, 3)"},
            {{{3, 0}, {0}, {0}}, "[layer_norm] the weight"},
            {{{}, {}, {}}, "[layer_norm] the weight"},
            {{{3, 4}, {3}, {3}}, "[layer_norm] the weight"}}},
          {"embedding",
           [](Tensors x, const Args& a) { return embedding(Indices(a.labels), x[0]); },
           anywhere,
           random_embedding,
           {{{{4, 3}}, "(5, 3)", {.labels = {3, 0, 0, 1, 3}}, 0.5},
            {{{4, 3}}, "(0, 3)"},
            {{{4, 0}}, "(2, 0)", {.labels = {3, 0}}},
            {{{}}, "[embedding] the weight"}}}};
}

}  // namespace xgrad::test
