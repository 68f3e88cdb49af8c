// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include <xgrad/core/rng.hpp>

#include <cmath>
#include <limits>

namespace xgrad::test {
namespace {

using optim::clip_grad_norm;
using optim::clip_grad_value;

// Two parameters whose gradients together, (30, 0, 40), have the norm 50, and one parameter without
// a gradient.
struct Gradients {
  Tensor a = parameter({1, 2}), b{full({1, 1, 1}, 3), true}, none = parameter({4});
  Gradients() {
    give_gradient(a, Array{30, 0});
    give_gradient(b, 40);
  }
  std::vector<Tensor> all() const { return {a, none, b}; }
};

TEST(ClipGradNormTest, ScalesTheTotalNormToTheLimitAndReturnsTheOriginalNorm) {
  for (const double limit : {5.0, 0.1}) {
    const Gradients g;
    EXPECT_EQ(clip_grad_norm(g.all(), limit), 50);
    EXPECT_FLOAT_EQ(g.a.grad()(0), static_cast<Scalar>(0.6 * limit));
    EXPECT_EQ(g.a.grad()(1), 0);
    EXPECT_FLOAT_EQ(g.b.grad().data()[0], static_cast<Scalar>(0.8 * limit));
    EXPECT_NEAR(clip_grad_norm(g.all(), 1e6), limit, 1e-6 * limit);
  }
}

TEST(ClipGradNormTest, ANormAtOrBelowTheLimitChangesNothing) {
  Rng rng(3);
  const Tensor p(rng.normal({1000}), true);
  const Array before = rng.normal({1000});
  give_gradient(p, before);
  const double norm = clip_grad_norm({p}, 1e6);
  EXPECT_TRUE(same_bits(p.grad(), before));
  EXPECT_EQ(clip_grad_norm({p}, norm), norm);
  EXPECT_TRUE(same_bits(p.grad(), before));
  double squares = 0;
  for (const Scalar x : before) squares += static_cast<double>(x) * static_cast<double>(x);
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-6 * norm);
}

TEST(ClipGradNormTest, IgnoresTensorsWithoutAGradient) {
  const Gradients g;
  const Tensor constant(Array{5});
  EXPECT_EQ(clip_grad_norm({g.none, constant}, 1), 0);
  EXPECT_EQ(clip_grad_norm({}, 1), 0);
  clip_grad_norm(g.all(), 1);
  EXPECT_FALSE(g.none.has_grad());
}

TEST(ClipGradNormTest, AGradientClearedByZeroGradDoesNotCount) {
  Gradients g;
  g.b.zero_grad();
  EXPECT_EQ(clip_grad_norm(g.all(), 1e6), 30);
}

TEST(ClipGradNormTest, ParametersAndGraphsStayUnchanged) {
  const Gradients g;
  const Tensor recorded = sum(g.a * g.a);
  clip_grad_norm(g.all(), 1);
  EXPECT_TRUE(same_bits(g.a.value(), Array{1, 2}));
  EXPECT_NO_THROW(recorded.backward());
}

TEST(ClipGradNormTest, ZeroGradientsStayZero) {
  const Tensor p = parameter({1, 2});
  give_gradient(p, 0);
  EXPECT_EQ(clip_grad_norm({p}, 1), 0);
  EXPECT_TRUE(same_bits(p.grad(), Array{0, 0}));
}

TEST(ClipGradNormTest, ANormThatIsNotFiniteIsReturnedAndNothingIsScaled) {
  const Gradients g;
  const auto limit = std::numeric_limits<Scalar>::infinity();
  give_gradient(g.a, Array{std::nanf(""), 7});
  EXPECT_TRUE(std::isnan(clip_grad_norm(g.all(), 1)));
  EXPECT_EQ(g.a.grad()(1), 7);
  EXPECT_EQ(g.b.grad().data()[0], 40);
  give_gradient(g.a, Array{limit, 7});
  EXPECT_EQ(clip_grad_norm(g.all(), 1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(g.a.grad()(1), 7);
  EXPECT_EQ(g.b.grad().data()[0], 40);
}

TEST(ClipGradNormTest, ClipsGradientsWhoseSquaresOverflow) {
  const Tensor p = parameter({0, 0});
  give_gradient(p, Array{3e25F, 4e25F});
  EXPECT_NEAR(clip_grad_norm({p}, 5), 5e25, 1e19);
  EXPECT_FLOAT_EQ(p.grad()(0), 3);
  EXPECT_FLOAT_EQ(p.grad()(1), 4);
}

TEST(ClipGradNormTest, ClipsToTheLimitEvenIfTheFactorIsDenormalInFloat) {
  const Tensor p = parameter({0, 0});
  for (const auto& [size, limit] : std::vector<std::pair<double, double>>{
           {1e30, 1e-12}, {1e37, 1e-7}, {5e37, 1e-37}, {1e-10, 1e-37}}) {
    give_gradient(p, Array{static_cast<Scalar>(3 * size), static_cast<Scalar>(4 * size)});
    EXPECT_NEAR(clip_grad_norm({p}, limit) / (5 * size), 1, 1e-6);
    EXPECT_NEAR(static_cast<double>(p.grad()(0)) / limit, 0.6, 1e-6) << size;
    EXPECT_NEAR(static_cast<double>(p.grad()(1)) / limit, 0.8, 1e-6) << size;
  }
}

TEST(ClipGradNormTest, AParameterThatIsListedTwiceCountsOnce) {
  const Gradients g;
  EXPECT_EQ(clip_grad_norm({g.a, g.b, g.a}, 5), 50);
  EXPECT_FLOAT_EQ(g.a.grad()(0), 3);
}

TEST(ClipGradNormTest, TheLimitMustBePositiveAndFinite) {
  const Gradients g;
  for (const auto& [limit, printed] : std::vector<std::pair<double, std::string>>{
           {0, "0"}, {-1, "-1"}, {std::nan(""), "nan"}, {HUGE_VAL, "inf"}}) {
    EXPECT_EQ(message_of<OptionError>([&, value = limit] { clip_grad_norm(g.all(), value); }),
              "[clip_grad_norm] max_norm must be a positive finite number, got " + printed);
    EXPECT_EQ(message_of<OptionError>([&, value = limit] { clip_grad_value(g.all(), value); }),
              "[clip_grad_value] limit must be a positive finite number, got " + printed);
  }
  EXPECT_TRUE(same_bits(g.a.grad(), Array{30, 0}));
}

TEST(ClipGradValueTest, LimitsEveryElementAndKeepsNan) {
  constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
  const Tensor p = parameter({0, 0, 0, 0, 0, 0, 0}), none = parameter({4});
  give_gradient(p, Array{-3, -0.5, 0, 2, infinity, -infinity, std::nanf("")});
  clip_grad_value({p, none}, 0.75);
  EXPECT_TRUE(std::isnan(p.grad()(6)));
  mutable_grad(p)(6) = 0;
  EXPECT_TRUE(same_bits(p.grad(), Array{-0.75, -0.5, 0, 0.75, 0.75, -0.75, 0}));
  EXPECT_FALSE(none.has_grad());
}

}  // namespace
}  // namespace xgrad::test
