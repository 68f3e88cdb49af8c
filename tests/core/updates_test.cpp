// SPDX-License-Identifier: MIT
// Compares the six update kernels with their formulas in double, for every length.
#include "core/kernel_checks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace xgrad {
namespace {

using test::expect_close;
using test::Guarded;
using test::kLengths;

constexpr Scalar kRate = Scalar{0.25}, kGamma = Scalar{0.5}, kEps = Scalar{0.0625};
constexpr double kRho = 0.75, kBeta1 = 0.5, kBeta2 = 0.75;
constexpr AdamStep kAdam{.lr = 0.25,
                         .beta1 = kBeta1,
                         .beta2 = kBeta2,
                         .eps = 0.0625,
                         .decay = 0.125,
                         .correction1 = 1 / 0.75,
                         .correction2 = 1 / 0.4375};
constexpr Scalar kDecay = Scalar{0.125};

/// One element: the parameter theta, the state v and s (s is not negative) and the gradient g.
struct Element {
  double theta, v, s, g;
};

struct UpdateCase {
  const char* name;
  std::function<void(Scalar* theta, Scalar* v, Scalar* s, ScaledSpan g, std::size_t n)> kernel;
  std::function<void(Element& x, double d)> plain;  // d = g + decay theta
};

std::vector<UpdateCase> update_cases() {
  const Kernels& k = kernels();
  return {
      {"sgd", [&](auto* t, auto*, auto*, auto g, auto n) { k.sgd(t, g, n, kRate, kDecay); },
       [](Element& x, double d) { x.theta -= kRate * d; }},
      {"momentum",
       [&](auto* t, auto* v, auto*, auto g, auto n) {
         k.momentum(t, v, g, n, kRate, kGamma, kDecay);
       },
       [](Element& x, double d) { x.theta -= x.v = kGamma * x.v + kRate * d; }},
      {"nag",
       [&](auto* t, auto* v, auto*, auto g, auto n) { k.nag(t, v, g, n, kRate, kGamma, kDecay); },
       [](Element& x, double d) {
         x.theta -= kGamma * kGamma * x.v + (1 + kGamma) * kRate * d;
         x.v = kGamma * x.v + kRate * d;
       }},
      {"adagrad",
       [&](auto* t, auto*, auto* s, auto g, auto n) { k.adagrad(t, s, g, n, kRate, kEps, kDecay); },
       [](Element& x, double d) {
         x.s += d * d;
         x.theta -= kRate * d / (std::sqrt(x.s) + kEps);
       }},
      {"rmsprop",
       [&](auto* t, auto*, auto* s, auto g, auto n) {
         k.rmsprop(t, s, g, n, kRate, kRho, kEps, kDecay);
       },
       [](Element& x, double d) {
         x.s = kRho * x.s + (1 - kRho) * d * d;
         x.theta -= kRate * d / (std::sqrt(x.s) + kEps);
       }},
      {"adam", [&](auto* t, auto* v, auto* s, auto g, auto n) { k.adam(t, v, s, g, n, kAdam); },
       [](Element& x, double d) {
         x.v = kBeta1 * x.v + (1 - kBeta1) * d;
         x.s = kBeta2 * x.s + (1 - kBeta2) * d * d;
         x.theta -= kAdam.lr * (x.v * kAdam.correction1) /
                    (std::sqrt(x.s * kAdam.correction2) + kAdam.eps);
       }}};
}

void expect_formula(const UpdateCase& test, std::size_t n, Scalar factor) {
  const Guarded theta(n, 1, -1, 1), v(n, 2, -1, 1), s(n, 3, 0, 1), g(n, 4, -1, 1);
  Guarded theta_new(theta), v_new(v), s_new(s), g_new(g);
  test.kernel(theta_new.data(), v_new.data(), s_new.data(), {g_new.data(), factor}, n);
  for (std::size_t i = 0; i < n; ++i) {
    Element x{theta[i], v[i], s[i], factor * g[i]};
    test.plain(x, x.g + kDecay * x.theta);
    expect_close(theta_new[i], x.theta, test.name, 4);
    expect_close(v_new[i], x.v, test.name, 1);
    expect_close(s_new[i], x.s, test.name, 1);
    EXPECT_EQ(g_new[i], g[i]) << test.name;
  }
  EXPECT_TRUE(theta_new.is_intact() && v_new.is_intact() && s_new.is_intact()) << test.name;
}

TEST(UpdateKernelTest, EqualsItsFormulaForEveryLength) {
  for (const UpdateCase& test : update_cases()) {
    for (const std::size_t n : kLengths) {
      expect_formula(test, n, 1);
      expect_formula(test, n, Scalar{-0.75});
    }
  }
}

}  // namespace
}  // namespace xgrad
