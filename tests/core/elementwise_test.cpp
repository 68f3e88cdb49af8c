// SPDX-License-Identifier: MIT
// Compares the elementwise kernels with plain loops, for every length up to several registers.
#include "support/kernel_checks.hpp"

#include <xgrad/core/internal/arithmetic.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace xgrad {
namespace {

using test::expect_close;
using test::Guarded;
using test::kLengths;

/// Returns the distance from y to the exact value, in units in the last place of that value.
double ulps(Scalar y, long double exact) {
  using Limits = std::numeric_limits<Scalar>;
  const int exponent = std::max(std::ilogb(exact), Limits::min_exponent);  // of 0, it is INT_MIN
  const long double unit = std::ldexp(1.0L, exponent - (Limits::digits - 1));
  return static_cast<double>(std::fabs(static_cast<long double>(y) - exact) / unit);
}

constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();
const Scalar kNotANumber = std::numeric_limits<Scalar>::quiet_NaN();

struct UnaryCase {
  const char* name;
  Kernels::Unary kernel;
  std::function<double(double)> plain;
  double low, high;
  double scale = 0;  ///< errors are relative to this or to the result, whichever is larger
};

std::vector<UnaryCase> unary_cases() {
  const Kernels& k = kernels();
  return {
      {"exp", k.exp, [](double x) { return std::exp(x); }, -80, 80},
      {"log", k.log, [](double x) { return std::log(x); }, 1e-6, 100},
      {"log1p", k.log1p, [](double x) { return std::log1p(x); }, -0.9, 100},
      {"sin", k.sin, [](double x) { return std::sin(x); }, -1000, 1000},
      {"cos", k.cos, [](double x) { return std::cos(x); }, -1000, 1000},
      {"gelu", k.gelu, [](double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }, -6, 6, 16},
      {"silu", k.silu, [](double x) { return x / (1 + std::exp(-x)); }, -60, 60},
      {"softplus", k.softplus,
       [](double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }, -60, 60},
      {"sqrt", k.sqrt, [](double x) { return std::sqrt(x); }, 0, 1e6},
      {"abs", k.abs, [](double x) { return std::fabs(x); }, -5, 5},
      {"tanh", k.tanh, [](double x) { return std::tanh(x); }, -8, 8},
      {"sigmoid", k.sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -60, 60},
      {"relu", k.relu, [](double x) { return x > 0 ? x : 0; }, -5, 5}};
}

TEST(UnaryKernelTest, EqualsAPlainLoopForEveryLength) {
  for (const UnaryCase& test : unary_cases()) {
    for (const std::size_t n : kLengths) {
      const Guarded x(n, 1, test.low, test.high);
      Guarded y(n, 2, 0, 1);
      test.kernel(x.data(), y.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        expect_close(y[i], test.plain(static_cast<double>(x[i])), test.name, test.scale);
      }
      EXPECT_TRUE(y.is_intact()) << test.name << " " << n;
    }
  }
}

TEST(UnaryKernelTest, WorksInPlaceAndAtAnyAlignment) {
  for (const UnaryCase& test : unary_cases()) {
    const Guarded x(101, 3, test.low, test.high);
    Guarded y(100, 4, 0, 1), in_place(x);
    test.kernel(x.data() + 1, y.data(), 100);
    test.kernel(in_place.data() + 1, in_place.data() + 1, 100);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(in_place[i + 1], y[i]) << test.name;
    EXPECT_EQ(in_place[0], x[0]);
  }
}

/// Returns the kernel's result for one number. Expects the same result in every lane and in the
/// last, incomplete register.
Scalar value(Kernels::Unary kernel, Scalar x) {
  const std::vector<Scalar> in(37, x);
  std::vector<Scalar> out(37);
  kernel(in.data(), out.data(), 37);
  for (const Scalar each : out) EXPECT_TRUE(each == out[0] || std::isnan(each)) << each;
  return out[0];
}

TEST(UnaryKernelTest, ExtremeInputsGiveTheExactLimits) {
  const Kernels& k = kernels();
  EXPECT_EQ(value(k.exp, -kInfinity), 0);
  EXPECT_EQ(value(k.exp, kInfinity), kInfinity);
  EXPECT_EQ(value(k.exp, 1000), kInfinity);
  EXPECT_EQ(value(k.exp, -1000), 0);
  EXPECT_EQ(value(k.exp, 0), 1);
  EXPECT_EQ(value(k.log, 0), -kInfinity);
  EXPECT_EQ(value(k.log, 1), 0);
  EXPECT_TRUE(std::isnan(value(k.log, -1)));
  EXPECT_TRUE(std::isnan(value(k.sqrt, -1)));
  EXPECT_EQ(value(k.tanh, 1000), 1);
  EXPECT_EQ(value(k.tanh, -1000), -1);
  EXPECT_EQ(value(k.sigmoid, 1000), 1);
  EXPECT_EQ(value(k.sigmoid, -1000), 0);
  EXPECT_EQ(value(k.sigmoid, 0), Scalar{0.5});
  EXPECT_EQ(value(k.relu, -kInfinity), 0);
  EXPECT_EQ(value(k.log1p, -1), -kInfinity);
  EXPECT_EQ(value(k.sin, 0), 0);
  EXPECT_TRUE(std::signbit(value(k.sin, Scalar{-0.0})));
  EXPECT_EQ(value(k.cos, 0), 1);
  for (const auto kernel : {k.sin, k.cos}) EXPECT_TRUE(std::isnan(value(kernel, kInfinity)));
  EXPECT_EQ(value(k.gelu, 1000), 1000);
  EXPECT_EQ(value(k.gelu, -1000), 0);
  EXPECT_EQ(value(k.silu, 1000), 1000);
  EXPECT_EQ(value(k.silu, -1000), 0);
  EXPECT_EQ(value(k.softplus, 1000), 1000);
  EXPECT_EQ(value(k.softplus, -1000), 0);
}

/// Returns arguments of the sine up to `limit`: random ones, and those that are next to a multiple
/// of pi/2, where the result is next to 0 or 1.
std::vector<Scalar> angles(double limit) {
  constexpr double kHalfPi = 1.5707963267948966;
  Rng rng(5);
  std::vector<Scalar> x;
  for (int i = 0; i < 20000; ++i) {
    const double angle = rng.uniform(-limit, limit);
    x.push_back(static_cast<Scalar>(angle));
    x.push_back(static_cast<Scalar>(std::rint(angle / kHalfPi) * kHalfPi));
  }
  return x;
}

TEST(UnaryKernelTest, SineAndCosineAreExactToOneUnitInTheLastPlaceAlsoFarFromZero) {
  // 642615.9... is the double up to 10^6 that is nearest to a multiple of pi/2.
  for (const double limit : {1e-3, 1.0, 10.0, 999.0, 1001.0, 999999.0, 1e9, 1e30}) {
    std::vector<Scalar> x = angles(limit);
    x.insert(x.end(), {Scalar{1000}, Scalar{1e6}, static_cast<Scalar>(642615.9188844458)});
    std::vector<Scalar> sine(x.size()), cosine(x.size());
    kernels().sin(x.data(), sine.data(), x.size());
    kernels().cos(x.data(), cosine.data(), x.size());
    double most = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto exact = static_cast<long double>(x[i]);
      most = std::max({most, ulps(sine[i], std::sin(exact)), ulps(cosine[i], std::cos(exact))});
    }
    EXPECT_LT(most, 0.95) << "up to " << limit;
  }
}

TEST(UnaryKernelTest, NanStaysNan) {
  for (const UnaryCase& test : unary_cases()) {
    EXPECT_TRUE(std::isnan(value(test.kernel, kNotANumber))) << test.name;
  }
}

TEST(UnaryKernelTest, SmallNumbersKeepTheirDigits) {
  for (const double x : {1e-3, -1e-3, 1e-8, -1e-8}) {
    const auto in = static_cast<Scalar>(x);
    const auto exact = static_cast<double>(in);
    expect_close(value(kernels().tanh, in), std::tanh(exact), "tanh");
    expect_close(value(kernels().exp, in), std::exp(exact), "exp");
  }
}

struct BinaryCase {
  const char* name;
  Kernels::Binary kernel;
  std::function<double(double, double)> plain;
  double scale = 0;
};

double gelu_gradient(double g, double x) {
  const double pi = std::acos(-1.0);
  return g * (std::erfc(-x / std::sqrt(2.0)) / 2 + x * std::exp(-x * x / 2) / std::sqrt(2 * pi));
}

double silu_gradient(double g, double x) {
  const double s = 1 / (1 + std::exp(-x));
  return g * s * (1 + x * (1 - s));
}

std::vector<BinaryCase> binary_cases() {
  const Kernels& k = kernels();
  return {
      {"add", k.add, [](double a, double b) { return a + b; }},
      {"sub", k.sub, [](double a, double b) { return a - b; }},
      {"mul", k.mul, [](double a, double b) { return a * b; }},
      {"div", k.div, [](double a, double b) { return a / b; }},
      {"maximum", k.maximum, [](double a, double b) { return a > b ? a : b; }},
      {"minimum", k.minimum, [](double a, double b) { return a < b ? a : b; }},
      {"leaky_relu", k.leaky_relu, [](double x, double s) { return x > 0 ? x : s * x; }},
      {"leaky_slope", k.leaky_slope, [](double x, double s) { return x > 0 ? 1 : s; }},
      {"above", k.above, [](double a, double b) { return a > b   ? 1
                                                         : a < b ? 0
                                                                 : 0.5; }},
      {"elu", k.elu, [](double x, double a) { return x > 0 ? x : a * std::expm1(x); }},
      {"elu_slope", k.elu_slope, [](double x, double a) { return x > 0 ? 1 : a * std::exp(x); }},
      {"equal", k.equal, [](double a, double b) { return a == b ? 1 : 0; }},
      {"gelu_grad", k.gelu_grad, gelu_gradient, 16},
      {"silu_grad", k.silu_grad, silu_gradient, 16},
      {"abs_grad", k.abs_grad, [](double g, double x) { return x > 0   ? g
                                                               : x < 0 ? -g
                                                                       : 0; }},
      {"sqrt_grad", k.sqrt_grad, [](double g, double y) { return g / (2 * y); }},
      {"tanh_grad", k.tanh_grad, [](double g, double y) { return g * (1 - y * y); }},
      {"sigmoid_grad", k.sigmoid_grad, [](double g, double y) { return g * y * (1 - y); }},
      {"relu_grad", k.relu_grad, [](double g, double y) { return y > 0 ? g : 0; }}};
}

/// Returns random multiples of 1/4. Equal pairs and zeros occur, and differences are exact.
Guarded quarters(std::size_t n, std::uint64_t seed) {
  Guarded x(n, seed, -12, 12);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::round(x[i]) / 4;
  return x;
}

TEST(BinaryKernelTest, EqualsAPlainLoopForEveryLengthAndStep) {
  for (const BinaryCase& test : binary_cases()) {
    for (const std::size_t n : kLengths) {
      for (const auto& [a_step, b_step] : {std::pair{1u, 1u}, {0u, 1u}, {1u, 0u}}) {
        const Guarded a = quarters(n + 1, 5), b = quarters(n + 1, 6);
        Guarded y(n, 7, 0, 1);
        test.kernel(a.data(), a_step, b.data(), b_step, y.data(), n);
        for (std::size_t i = 0; i < n; ++i) {
          const auto ai = static_cast<double>(a[i * a_step]);
          const auto bi = static_cast<double>(b[i * b_step]);
          expect_close(y[i], test.plain(ai, bi), test.name, test.scale);
        }
        EXPECT_TRUE(y.is_intact()) << test.name << " " << n;
      }
    }
  }
}

TEST(BinaryKernelTest, BothStepsMayBeZeroForOneElement) {
  const Scalar a = 6, b = -4;
  for (const BinaryCase& test : binary_cases()) {
    Scalar y = 0;
    test.kernel(&a, 0, &b, 0, &y, 1);
    expect_close(y, test.plain(6, -4), test.name, test.scale);
  }
}

TEST(BinaryKernelTest, WorksInPlaceOfEitherOperand) {
  for (const BinaryCase& test : binary_cases()) {
    const Guarded a = quarters(83, 8), b = quarters(83, 9);
    Guarded y(83, 1, 0, 1), left(a), right(b);
    test.kernel(a.data(), 1, b.data(), 1, y.data(), 83);
    test.kernel(left.data(), 1, b.data(), 1, left.data(), 83);
    test.kernel(a.data(), 1, right.data(), 1, right.data(), 83);
    for (std::size_t i = 0; i < 83; ++i) {
      if (std::isnan(y[i])) continue;
      EXPECT_EQ(left[i], y[i]) << test.name;
      EXPECT_EQ(right[i], y[i]) << test.name;
    }
  }
}

TEST(BinaryKernelTest, MaximumAndMinimumOfNanAreNan) {
  for (const Kernels::Binary kernel : {kernels().maximum, kernels().minimum}) {
    const std::vector<Scalar> nan(37, kNotANumber), one(37, 1);
    std::vector<Scalar> y(37);
    kernel(nan.data(), 1, one.data(), 1, y.data(), 37);
    for (const Scalar each : y) EXPECT_TRUE(std::isnan(each));
    kernel(one.data(), 1, nan.data(), 1, y.data(), 37);
    for (const Scalar each : y) EXPECT_TRUE(std::isnan(each));
  }
}

TEST(SelectKernelTest, ChoosesForEveryLengthAndStep) {
  for (const std::size_t n : kLengths) {
    for (unsigned steps = 0; steps < 8; ++steps) {
      const std::size_t m = steps & 1u, s = steps >> 1u & 1u, t = steps >> 2u & 1u;
      const Guarded mask = quarters(n + 1, 5), a = quarters(n + 1, 6), b = quarters(n + 1, 7);
      Guarded y(n, 1, 0, 1);
      kernels().select(mask.data(), m, a.data(), s, b.data(), t, y.data(), n);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(y[i], mask[i * m] != 0 ? a[i * s] : b[i * t]);
      EXPECT_TRUE(y.is_intact()) << n;
    }
  }
}

TEST(SelectKernelTest, NanIsTrueAndTheOtherOperandIsIgnored) {
  const Scalar mask = kNotANumber, a = 2, b = kNotANumber;
  Scalar y = 0;
  kernels().select(&mask, 1, &a, 1, &b, 1, &y, 1);
  EXPECT_EQ(y, 2);
}

TEST(AllFiniteTest, LargeNumbersAreFiniteAlthoughTheirSquaresAreNot) {
  Array x = full({37}, std::numeric_limits<Scalar>::max());
  EXPECT_TRUE(all_finite(x));
  for (const Scalar value : {kInfinity, -kInfinity, kNotANumber}) {
    x.data()[36] = value;
    EXPECT_FALSE(all_finite(x)) << value;
  }
}

TEST(FromBytesTest, ScalesEveryByte) {
  for (const std::size_t n : kLengths) {
    std::vector<std::uint8_t> bytes(n);
    for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
    Guarded y(n, 1, 0, 1);
    const Scalar scale = Scalar{1} / 255;
    kernels().from_bytes(bytes.data(), scale, y.data(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(y[i], scale * static_cast<Scalar>(bytes[i]));
    EXPECT_TRUE(y.is_intact());
  }
}

}  // namespace
}  // namespace xgrad
