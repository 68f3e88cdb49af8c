// SPDX-License-Identifier: MIT
#pragma once

// The rows of autograd/ops_loss.hpp.

#include <autograd/op_kinds.hpp>

#include <cmath>

namespace xgrad::test {

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

inline Case random_pair(Rng& rng) {
  Shape shape = random_shape(rng, 0, 3);
  for (std::size_t& extent : shape) extent = std::max<std::size_t>(extent, 1);
  return {{shape, shape}};
}

/// Makes the rows of a loss of two tensors, one for each reduction. Its value at 0.5 and 0.25 is
/// `value`.
inline std::vector<Op> pair_loss(const std::string& name, Domain domain, double value,
                                 std::function<Tensor(Tensors, const LossOptions&)> f) {
  std::vector<Op> rows;
  for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
    const bool is_none = reduction == Reduction::none, is_mean = reduction == Reduction::mean;
    Op op{name, [=](Tensors x, const Args&) { return f(x, {reduction}); }, domain, random_pair, {}};
    for (const Shape& shape : std::vector<Shape>{{2, 3}, {37}, {}}) {
      const double count = static_cast<double>(element_count(shape));
      op.cases.push_back({{shape, shape},
                          is_none ? to_string(shape) : "()",
                          {},
                          reduction == Reduction::sum ? count * value : value});
    }
    op.cases.push_back({{{0}, {0}}, is_mean ? "[" + name + "] nothing" : is_none ? "(0,)" : "()"});
    op.cases.push_back({{{0}, {}}, "[" + name + "] shapes"});
    rows.push_back(op);
  }
  return rows;
}

inline std::vector<Op> pair_losses() {
  using enum Domain;
  using Options = const LossOptions&;
  std::vector<Op> rows;
  for (const auto& family :
       {pair_loss("mse_loss", anywhere, 0.0625,
                  [](Tensors x, Options o) { return mse_loss(x[0], x[1], o); }),
        pair_loss("l1_loss", distinct, 0.25,
                  [](Tensors x, Options o) { return l1_loss(x[0], x[1], o); }),
        pair_loss("huber_loss", anywhere, 0.03125,
                  [](Tensors x, Options o) { return huber_loss(x[0], x[1], 1, o); }),
        pair_loss("huber_loss", anywhere, 0.02,
                  [](Tensors x, Options o) { return huber_loss(x[0], x[1], 0.1, o); }),
        pair_loss("binary_cross_entropy_with_logits", nonzero, std::log1p(std::exp(0.5)) - 0.125,
                  [](Tensors x, Options o) {
                    return binary_cross_entropy_with_logits(x[0], x[1], o);
                  })}) {
    rows.insert(rows.end(), family.begin(), family.end());
  }
  return rows;
}

/// Returns the options of cross_entropy that an args' number selects, for a number of classes.
inline CrossEntropyOptions cross_entropy_options(const Args& a, std::size_t classes) {
  CrossEntropyOptions options;
  if (a.keepdims) options.reduction = a.axis < 0 ? Reduction::none : Reduction::sum;
  if (a.number > 0) options.label_smoothing = 0.2;
  for (std::size_t i = 0; a.number < 1 && i < classes; ++i) {
    options.class_weights.push_back(0.5 + static_cast<double>(i));
  }
  return options;
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
          {"cross_entropy",
           [](Tensors x, const Args& a) {
             const std::size_t classes = x[0].ndim() == 2 ? x[0].shape()[1] : 0;
             return cross_entropy(x[0], a.labels, cross_entropy_options(a, classes));
           },
           anywhere,
           [](Rng& rng) {
             Case call = random_cross_entropy(rng);
             call.args.axis = coin(rng) ? -1 : 0;
             call.args.keepdims = coin(rng);
             call.args.number = one_of<double>(rng, {0, 0.5, 1});
             return call;
           },
           {{{{3, 4}}, "()", {.number = 0, .labels = {3, 0, 3}}, std::log(4)},
            {{{3, 4}}, "()", {.number = 1, .labels = {3, 0, 3}}, std::log(4)},
            {{{3, 4}}, "()", {.number = 0.5, .labels = {3, 0, 3}}},
            {{{3, 4}}, "(3,)", {.keepdims = true, .number = 1, .labels = {3, 0, 3}}, std::log(4)},
            {{{3, 4}}, "(3,)", {.keepdims = true, .number = 0.5, .labels = {3, 0, 3}}},
            {{{3, 4}}, "()", {.axis = 0, .keepdims = true, .labels = {3, 0, 3}}}}}};
}

}  // namespace xgrad::test
