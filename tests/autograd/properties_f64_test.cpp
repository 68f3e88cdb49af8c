// SPDX-License-Identifier: MIT
// Laws of gradients on random calls of every op, in double.
#include "op_table.hpp"

#include <support/property.hpp>
#include <support/tensors.hpp>

#include <cmath>

namespace xgrad::test {
namespace {

/// A function and the arrays to call it with.
struct Call {
  std::vector<Array> inputs;
  std::function<Tensor(Tensors)> f;
};

Call random_call(Rng& rng, const Op& op) {
  const Case random = op.random(rng);
  return {apart(rng, random.shapes, op.domain == Domain::positive),
          [&op, args = random.args](Tensors x) { return op.call(x, args); }};
}

/// The result of a call, and leaves that collect its gradient.
struct Evaluated {
  Evaluated(const Call& call, const std::vector<Array>& inputs) {
    for (const Array& input : inputs) leaves.emplace_back(input, true);
    result = call.f(leaves);
  }
  explicit Evaluated(const Call& call) : Evaluated(call, call.inputs) {}

  /// Returns J^T cotangent for each input. It is 0 for argmax, which has no gradient.
  std::vector<Array> vjp(const Array& cotangent) const {
    if (result.requires_grad()) result.backward(cotangent);
    std::vector<Array> grads;
    for (const Tensor& leaf : leaves) {
      grads.push_back(leaf.has_grad() ? leaf.grad() : zeros(leaf.shape()));
    }
    return grads;
  }

  std::vector<Tensor> leaves;
  Tensor result;
};

std::vector<Array> vjp_of(const Call& call, const Array& cotangent) {
  return Evaluated(call).vjp(cotangent);
}

Array noise(Rng& rng, const Shape& shape) { return rng.uniform(shape, -1, 1); }

double inner(const Array& a, const Array& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a.data()[i] * b.data()[i];
  return total;
}

Array combined(double a, const Array& x, double b, const Array& y) {
  Array z = empty(x.shape());
  for (std::size_t i = 0; i < x.size(); ++i) z.data()[i] = a * x.data()[i] + b * y.data()[i];
  return z;
}

void expect_close(const Array& got, const Array& want, double tolerance) {
  ASSERT_EQ(got.shape(), want.shape());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got.data()[i], want.data()[i],
                tolerance * std::max(1.0, std::fabs(want.data()[i])));
  }
}

/// Checks a claim for random calls of each op.
template <class Claim>
void for_all_ops(std::uint64_t cases, Claim claim) {
  for (const Op& op : op_table()) {
    for_all(cases, [&](Rng& rng) {
      const Call call = random_call(rng, op);
      std::string shapes = op.name;
      for (const Array& input : call.inputs) shapes += " " + to_string(input.shape());
      SCOPED_TRACE(shapes);
      claim(call, rng);
    });
  }
}

TEST(GradientPropertyTest, EveryRuleIsLinearInItsCotangent) {
  for_all_ops(50, [](const Call& call, Rng& rng) {
    const Shape shape = Evaluated(call).result.shape();
    const double a = rng.uniform(-2, 2), b = rng.uniform(-2, 2);
    const Array g = noise(rng, shape), h = noise(rng, shape);
    const std::vector<Array> of_g = vjp_of(call, g), of_h = vjp_of(call, h),
                             of_both = vjp_of(call, combined(a, g, b, h));
    for (std::size_t i = 0; i < of_g.size(); ++i) {
      expect_close(of_both[i], combined(a, of_g[i], b, of_h[i]), 1e-12);
    }
  });
}

// Compares <J v, w> from central differences along v with <v, J^T w> from the backward function.
TEST(GradientPropertyTest, ForwardAndReverseDerivativesHaveEqualInnerProducts) {
  constexpr double step = 1e-6;
  for_all_ops(50, [](const Call& call, Rng& rng) {
    std::vector<Array> direction, ahead, behind;
    for (const Array& x : call.inputs) {
      direction.push_back(noise(rng, x.shape()));
      ahead.push_back(combined(1, x, step, direction.back()));
      behind.push_back(combined(1, x, -step, direction.back()));
    }
    const Evaluated here(call);
    const Array w = noise(rng, here.result.shape());
    const double forward = (inner(w, Evaluated(call, ahead).result.value()) -
                            inner(w, Evaluated(call, behind).result.value())) /
                           (2 * step);
    double reverse = 0;
    const std::vector<Array> grads = here.vjp(w);
    for (std::size_t i = 0; i < grads.size(); ++i) reverse += inner(direction[i], grads[i]);
    EXPECT_NEAR(forward, reverse, 1e-6 * std::max(1.0, std::fabs(reverse)));
  });
}

/// Returns a random expression of two tensors that broadcast. Parts of it are used several times.
Tensor random_expression(Rng& rng, const Tensor& a, const Tensor& b) {
  static const std::vector<Op> binary = broadcasting_ops();
  const std::vector<Tensor (*)(const Tensor&)> unary{tanh, sigmoid, relu, abs,
                                                     [](const Tensor& x) { return 2 * x; }};
  std::vector<Tensor> pool{a, b, a * b};
  for (std::size_t i = between(rng, 1, 12); i > 0; --i) {
    const Tensor x = one_of(rng, pool), y = one_of(rng, pool);
    const bool bounded = coin(rng);
    pool.push_back(bounded ? one_of(rng, unary)(x)
                           : one_of(rng, binary).call({x, tanh(y) + 2}, {}));
  }
  return mean(pool.back() * pool[2]) + sum(pool[between(rng, 0, pool.size() - 1)]);
}

TEST(GradientPropertyTest, GradientsGivesTheBitsOfBackward) {
  for_all(200, [](Rng& rng) {
    Shape whole = random_shape(rng, 0, 3);
    for (std::size_t& extent : whole) extent = std::max<std::size_t>(extent, 1);
    const std::vector<Array> inputs = apart(rng, {random_part(rng, whole), whole}, false);
    const Tensor a(inputs[0], true), b(inputs[1], true);
    const Tensor loss = random_expression(rng, a, b);
    const std::vector<Array> pure = gradients(loss, {b, a}), again = gradients(loss, {b, a});
    EXPECT_FALSE(a.has_grad() || b.has_grad());
    loss.backward();
    EXPECT_TRUE(same_bits(pure[0], b.grad()) && same_bits(pure[1], a.grad()));
    EXPECT_TRUE(same_bits(again[0], b.grad()) && same_bits(again[1], a.grad()));
  });
}

/// Repeats an array until it has the shape `whole`. Computes each index as NumPy defines it.
struct Tiling {
  Tiling(const Shape& part, const Shape& whole) : part_(part), whole_(whole) {}

  /// Returns which element of the part becomes element `at` of the whole.
  std::size_t source(std::size_t at) const {
    std::size_t from = 0, stride = 1;
    for (std::size_t i = 1; i <= whole_.size(); ++i) {
      const std::size_t extent = whole_[whole_.size() - i], index = at % extent;
      at /= extent;
      if (i > part_.size()) continue;
      const std::size_t own = part_[part_.size() - i];
      from += own == 1 ? 0 : index * stride;
      stride *= own;
    }
    return from;
  }
  Array tile(const Array& x) const {
    Array y = empty(whole_);
    for (std::size_t at = 0; at < y.size(); ++at) y.data()[at] = x.data()[source(at)];
    return y;
  }
  /// Returns the sum over all copies of each element.
  Array gather(const Array& y) const {
    Array x = zeros(part_);
    for (std::size_t at = 0; at < y.size(); ++at) x.data()[source(at)] += y.data()[at];
    return x;
  }

 private:
  Shape part_, whole_;
};

TEST(GradientPropertyTest, BroadcastingIsTilingWrittenOut) {
  for (const Op& op : broadcasting_ops()) {
    for_all(100, [&](Rng& rng) {
      const Call call = random_call(rng, op);
      const Evaluated broadcast(call);
      const Shape whole = broadcast.result.shape();
      const Tiling first(call.inputs[0].shape(), whole), second(call.inputs[1].shape(), whole);
      const Evaluated tiled(call, {first.tile(call.inputs[0]), second.tile(call.inputs[1])});
      EXPECT_TRUE(same_bits(broadcast.result.value(), tiled.result.value())) << op.name;
      const Array g = noise(rng, whole);
      const std::vector<Array> got = broadcast.vjp(g), want = tiled.vjp(g);
      expect_close(got[0], first.gather(want[0]), 1e-12);
      expect_close(got[1], second.gather(want[1]), 1e-12);
    });
  }
}

/// Expects that f returns its input, and that its gradient is the cotangent.
void expect_identity(Rng& rng, const Shape& shape, const std::function<Tensor(const Tensor&)>& f) {
  const Tensor x(noise(rng, shape), true);
  const Tensor y = f(x);
  EXPECT_TRUE(same_bits(y.value(), x.value())) << to_string(shape);
  const Array g = noise(rng, shape);
  y.backward(g);
  EXPECT_TRUE(same_bits(x.grad(), g)) << to_string(shape);
}

TEST(ShapePropertyTest, ReshapeThereAndBackIsTheSame) {
  for_all(200, [](Rng& rng) {
    const Case call = random_reshape(rng);
    const Shape& shape = call.shapes[0];
    expect_identity(rng, shape,
                    [&](const Tensor& x) { return reshape(reshape(x, call.args.shape), shape); });
  });
}

TEST(ShapePropertyTest, TransposedTwiceIsTheSame) {
  for_all(200, [](Rng& rng) {
    expect_identity(rng, random_shape(rng, 0, 5),
                    [](const Tensor& x) { return transpose(transpose(x)); });
  });
}

TEST(ShapePropertyTest, SlicedAndConcatenatedIsTheSame) {
  for_all(200, [](Rng& rng) {
    const Shape shape = random_shape(rng, 1, 4);
    const auto axis = static_cast<std::ptrdiff_t>(rng.below(shape.size()));
    const std::size_t extent = shape[static_cast<std::size_t>(axis)];
    std::vector<std::size_t> cuts{0, extent};
    for (std::size_t i = between(rng, 0, 3); i > 0; --i) cuts.push_back(between(rng, 0, extent));
    std::sort(cuts.begin(), cuts.end());
    expect_identity(rng, shape, [&](const Tensor& x) {
      std::vector<Tensor> parts;
      for (std::size_t i = 1; i < cuts.size(); ++i) {
        parts.push_back(slice(x, axis, cuts[i - 1], cuts[i]));
      }
      return concatenate(parts,
                         coin(rng) ? axis : axis - static_cast<std::ptrdiff_t>(shape.size()));
    });
  });
}

TEST(FusedPropertyTest, FusedOpsEqualTheOpsTheyAreMadeOf) {
  for_all(100, [](Rng& rng) {
    const std::size_t rows = between(rng, 1, 6), in = between(rng, 1, 6), out = between(rng, 1, 6);
    const Call fused{apart(rng, {{rows, in}, {out, in}, {out}}, false),
                     [](Tensors x) { return linear(x[0], x[1], x[2]); }};
    const Call parts{fused.inputs, [](Tensors x) { return matmul(x[0], transpose(x[1])) + x[2]; }};
    const Evaluated a(fused), b(parts);
    expect_close(a.result.value(), b.result.value(), 1e-12);
    const Array g = noise(rng, {rows, out});
    const std::vector<Array> got = a.vjp(g), want = b.vjp(g);
    for (std::size_t i = 0; i < 3; ++i) expect_close(got[i], want[i], 1e-12);
    const Call losses[] = {{{fused.inputs[0]}, [](Tensors x) { return log_softmax(x[0]); }},
                           {{fused.inputs[0]}, [](Tensors x) { return log(softmax(x[0])); }}};
    const Array cotangent = noise(rng, {rows, in});
    expect_close(vjp_of(losses[0], cotangent)[0], vjp_of(losses[1], cotangent)[0], 1e-12);
  });
}

}  // namespace
}  // namespace xgrad::test
