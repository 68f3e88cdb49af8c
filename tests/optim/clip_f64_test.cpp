// SPDX-License-Identifier: MIT
// Tests the clipping of gradients whose squares are outside the range of double. The expected norms
// were computed with math.hypot of Python.
#include "rules.hpp"

#include <cmath>
#include <limits>

namespace xgrad::test {
namespace {

using optim::clip_grad_norm;

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();

struct Case {
  double a, b, norm;
};

TEST(ClipGradNormTest, TheNormIsCorrectIfSquaresOverflowOrUnderflow) {
  for (const Case c : {Case{1e200, 1e200, 1.414213562373095e200},
                       {3e-200, 4e-200, 5e-200},
                       {3e-160, 4e-160, 5e-160},
                       {3e-320, 4e-320, 5e-320},
                       {kLeast, 0, kLeast},
                       {1e308, 1e308, 1.4142135623730951e308},
                       {1e200, 1e-200, 1e200}}) {
    const Tensor p = parameter({0}), q = parameter({0});
    give_gradient(p, Array{c.a});
    give_gradient(q, Array{-c.b});
    EXPECT_NEAR(clip_grad_norm({p, q}, kLargest) / c.norm, 1, 1e-15) << c.a;
    EXPECT_EQ(p.grad()(0), c.a);
    EXPECT_EQ(q.grad()(0), -c.b);
  }
}

TEST(ClipGradNormTest, ClipsIfSquaresOverflowOrUnderflow) {
  for (const Case c : {Case{3e200, 4e200, 1}, {3e307, 4e307, 1e-300}, {3e-200, 4e-200, 1e-200}}) {
    const Tensor p = parameter({0, 0});
    give_gradient(p, Array{c.a, c.b});
    const double before = clip_grad_norm({p}, c.norm);
    EXPECT_NEAR(before / c.a, 5.0 / 3, 1e-15);
    EXPECT_NEAR(p.grad()(0) / c.norm, 0.6, 1e-15);
    EXPECT_NEAR(p.grad()(1) / c.norm, 0.8, 1e-15);
  }
}

TEST(ClipGradNormTest, ANormTooLargeForADoubleIsReturnedAsInfinityAndClipped) {
  const Tensor p = parameter({0, 0});
  give_gradient(p, Array{kLargest, kLargest});
  EXPECT_EQ(clip_grad_norm({p}, 2), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(p.grad()(0), std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(p.grad()(1), std::sqrt(2.0), 1e-15);
}

}  // namespace
}  // namespace xgrad::test
