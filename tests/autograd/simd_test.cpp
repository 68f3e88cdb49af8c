// SPDX-License-Identifier: MIT
// Compares the elementwise kernels in float with the C library in double. CTest runs this program
// once for each instruction set of the machine.
#include <xgrad/core/internal/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad {
namespace {

using Limits = std::numeric_limits<float>;

struct Function {
  const char* name;
  Kernels::Unary kernel;
  double (*exact)(double);
  double most_ulps;
};

// The largest errors over 4.6 million numbers, in units in the last place, were exp 1.47, log 0.79,
// log1p 0.75, sin and cos 0.84, tanh 1.30, sigmoid 2.31, softplus 1.60 and sqrt 0.5, with each of
// SSE2, AVX2 and AVX-512.
std::vector<Function> functions() {
  const Kernels& k = kernels();
  return {{"exp", k.exp, [](double x) { return std::exp(x); }, 1.5},
          {"log", k.log, [](double x) { return std::log(x); }, 0.8},
          {"log1p", k.log1p, [](double x) { return std::log1p(x); }, 0.8},
          {"sin", k.sin, [](double x) { return std::sin(x); }, 0.9},
          {"cos", k.cos, [](double x) { return std::cos(x); }, 0.9},
          {"softplus", k.softplus,
           [](double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }, 2},
          {"tanh", k.tanh, [](double x) { return std::tanh(x); }, 1.4},
          {"sigmoid", k.sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 2.5},
          {"sqrt", k.sqrt, [](double x) { return std::sqrt(x); }, 0.5001}};
}

// Returns every 9973rd float from 0 to NaN and from -0 to -NaN, a fine grid where the functions
// curve, and the limits of the range.
std::vector<float> wide_range() {
  std::vector<float> x = {0.0f,
                          -0.0f,
                          Limits::infinity(),
                          -Limits::infinity(),
                          Limits::max(),
                          Limits::min(),
                          Limits::lowest(),
                          Limits::quiet_NaN(),
                          1e-45f,
                          -1e-45f,
                          88.37f,
                          -87.33f};
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 9973) {
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  for (float value = -100; value < 88.375f; value += 0.0073f) x.push_back(value);
  return x;
}

// Returns the distance between y and the exact value, in units in the last place of the float that
// is nearest to the exact value.
double ulps(float y, double exact) {
  const float nearest = static_cast<float>(exact);
  if (std::isnan(exact)) return std::isnan(y) ? 0 : Limits::infinity();
  if (std::isinf(nearest)) return y == nearest ? 0 : Limits::infinity();
  const double unit = std::ldexp(1.0, std::ilogb(std::max(std::fabs(nearest), Limits::min())) - 23);
  return std::fabs(static_cast<double>(y) - exact) / unit;
}

TEST(SimdTest, FunctionsAreExactToAFewUnitsInTheLastPlace) {
  const std::vector<float> x = wide_range();
  std::vector<float> y(x.size());
  for (const Function& f : functions()) {
    f.kernel(x.data(), y.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = f.exact(static_cast<double>(x[i]));
      // exp returns 0 instead of a subnormal number. It returns infinity from 88.376 on, although
      // the result exceeds the largest float only from 88.72 on. sigmoid calls exp.
      if (exact != 0 && std::fabs(exact) < static_cast<double>(Limits::min()) && y[i] == 0)
        continue;
      if (f.kernel == kernels().exp && x[i] > 88.376f && y[i] == Limits::infinity()) continue;
      EXPECT_LE(ulps(y[i], exact), f.most_ulps) << f.name << "(" << x[i] << ") = " << y[i];
    }
  }
}

TEST(SimdTest, SqrtAndLogKeepSubnormalNumbers) {
  const float x = 3e-42f;
  float y = 0;
  kernels().sqrt(&x, &y, 1);
  EXPECT_FLOAT_EQ(y, static_cast<float>(std::sqrt(static_cast<double>(x))));
  kernels().log(&x, &y, 1);
  EXPECT_FLOAT_EQ(y, static_cast<float>(std::log(static_cast<double>(x))));
}

constexpr std::size_t kLongest = 70;
constexpr float kUntouched = -12345;

// Returns a mixture of ordinary and special numbers, so that each SIMD register contains both.
std::vector<float> mixture(std::size_t n, float start) {
  const float special[] = {
      0.0f,  -0.0f, 1e-42f, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(),
      1e30f, -2.5f};
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = i % 3 == 0 ? special[i / 3 % 8] : start + 0.37f * static_cast<float>(i);
  }
  return x;
}

bool same_bits_or_nan(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

// Expects that a kernel over [offset, offset + n) computes the same y[i] as for element i alone,
// and writes nothing outside this range.
template <class Run>
void expect_each_alone(Run run) {
  for (std::size_t n = 0; n <= kLongest; ++n) {
    for (const std::size_t offset : {0u, 1u, 3u}) {
      std::vector<float> y(offset + n + 16, kUntouched);
      run(offset, y.data() + offset, n);
      for (std::size_t i = 0; i < y.size(); ++i) {
        float alone = kUntouched;
        if (i >= offset && i < offset + n) run(i, &alone, 1);
        ASSERT_TRUE(same_bits_or_nan(y[i], alone)) << "n " << n << ", offset " << offset << ", i "
                                                   << i << ": " << y[i] << " and " << alone;
      }
    }
  }
}

TEST(SimdTest, AFunctionOfOneNumberDoesNotDependOnThePosition) {
  const Kernels& k = kernels();
  const std::vector<float> x = mixture(kLongest + 16, -9);
  for (const auto kernel : {k.exp, k.log, k.log1p, k.sqrt, k.abs, k.sin, k.cos, k.tanh, k.sigmoid,
                            k.relu, k.gelu, k.silu, k.softplus}) {
    expect_each_alone(
        [&](std::size_t at, float* y, std::size_t n) { kernel(x.data() + at, y, n); });
  }
}

TEST(SimdTest, AFunctionOfTwoNumbersDoesNotDependOnThePosition) {
  const Kernels& k = kernels();
  const std::vector<float> a = mixture(kLongest + 16, -9), b = mixture(kLongest + 16, -8.26f);
  const float one = 1.5f;
  for (const auto kernel :
       {k.add, k.sub, k.mul, k.div, k.maximum, k.minimum, k.leaky_relu, k.leaky_slope, k.elu,
        k.elu_slope, k.equal, k.above, k.gelu_grad, k.silu_grad, k.abs_grad, k.sqrt_grad,
        k.tanh_grad, k.sigmoid_grad, k.relu_grad}) {
    expect_each_alone([&](std::size_t at, float* y, std::size_t n) {
      kernel(a.data() + at, 1, b.data() + at, 1, y, n);
    });
    expect_each_alone(
        [&](std::size_t at, float* y, std::size_t n) { kernel(a.data() + at, 1, &one, 0, y, n); });
    expect_each_alone(
        [&](std::size_t at, float* y, std::size_t n) { kernel(&one, 0, b.data() + at, 1, y, n); });
  }
}

TEST(SimdTest, AKernelMayWriteOverItsInput) {
  const std::vector<float> x = mixture(kLongest, -9);
  std::vector<float> apart(kLongest), in_place = x;
  kernels().tanh(x.data(), apart.data(), kLongest);
  kernels().tanh(in_place.data(), in_place.data(), kLongest);
  for (std::size_t i = 0; i < kLongest; ++i) {
    EXPECT_TRUE(same_bits_or_nan(apart[i], in_place[i])) << i;
  }
}

}  // namespace
}  // namespace xgrad
