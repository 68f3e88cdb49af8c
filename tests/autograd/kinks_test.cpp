// SPDX-License-Identifier: MIT
// Ops at points without a derivative, and with values that are not finite, behave as ops.hpp says.
#include <xgrad/autograd.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace xgrad {
namespace {

using test::array;
using test::leaf;
using test::numbers;
using Numbers = std::vector<double>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Numbers gradient_of_sum(const Tensor& y, const Tensor& x) {
  return numbers(gradients(sum(y), {x})[0]);
}

TEST(KinksTest, ReluHasSlopeZeroAtZero) {
  const Tensor x = leaf({4}, {-1, -0.0, 0, 2});
  EXPECT_EQ(numbers(relu(x).value()), (Numbers{0, 0, 0, 2}));
  EXPECT_EQ(gradient_of_sum(relu(x), x), (Numbers{0, 0, 0, 1}));
}

TEST(KinksTest, LeakyReluHasItsSmallSlopeAtZero) {
  const Tensor x = leaf({3}, {-2, 0, 2});
  EXPECT_EQ(numbers(leaky_relu(x, 0.25).value()), (Numbers{-0.5, 0, 2}));
  EXPECT_EQ(gradient_of_sum(leaky_relu(x, 0.25), x), (Numbers{0.25, 0.25, 1}));
}

TEST(KinksTest, AbsHasSlopeZeroAtZero) {
  const Tensor x = leaf({4}, {-3, -0.0, 0, 3});
  EXPECT_EQ(numbers(abs(x).value()), (Numbers{3, 0, 0, 3}));
  EXPECT_EQ(gradient_of_sum(abs(x), x), (Numbers{-1, 0, 0, 1}));
}

TEST(KinksTest, ClampHasSlopeOneAtItsLimits) {
  const Tensor x = leaf({4}, {-2, -1, 0, 1});
  EXPECT_EQ(gradient_of_sum(clamp(x, -1, 1), x), (Numbers{0, 1, 1, 1}));
  EXPECT_EQ(gradient_of_sum(clamp(x, -kInf, 0), x), (Numbers{1, 1, 1, 0}));
  EXPECT_THROW(clamp(x, 1, -1), OptionError);
  EXPECT_THROW(clamp(x, kNan, 1), OptionError);
}

TEST(KinksTest, EluHasSlopeAlphaAtZero) {
  const Tensor x = leaf({2}, {0, 2});
  EXPECT_EQ(gradient_of_sum(elu(x, 0.25), x), (Numbers{0.25, 1}));
}

TEST(KinksTest, WhereIgnoresWhatItDoesNotChoose) {
  const Tensor a = leaf({3}, {kInf, 1, kNan}), b = leaf({3}, {1, kNan, 3});
  const Array mask{0, 1, 0};
  EXPECT_EQ(numbers(where(mask, a, b).value()), (Numbers{1, 1, 3}));
  EXPECT_EQ(gradient_of_sum(where(mask, a, b) * kInf, a), (Numbers{0, kInf, 0}));
}

TEST(KinksTest, HuberLossIsLinearBeyondDelta) {
  const Tensor x = leaf({4}, {-3, -0.5, 0, 2});
  const Tensor loss = huber_loss(x, Tensor{0, 0, 0, 0}, 0.5, {.reduction = Reduction::none});
  EXPECT_EQ(numbers(loss.value()), (Numbers{1.375, 0.125, 0, 0.875}));
  EXPECT_EQ(gradient_of_sum(loss, x), (Numbers{-0.5, -0.5, 0, 0.5}));
  EXPECT_THROW(huber_loss(x, x, 0), OptionError);
}

TEST(KinksTest, L1LossHasSlopeZeroAtZero) {
  const Tensor x = leaf({3}, {-1, 2, 5});
  EXPECT_EQ(gradient_of_sum(l1_loss(x, Tensor{1, 2, 3}, {.reduction = Reduction::sum}), x),
            (Numbers{-1, 0, 1}));
}

TEST(KinksTest, BinaryCrossEntropyDoesNotOverflow) {
  const Tensor z = leaf({4}, {-1000, 1000, 1000, -1000}), target{1, 1, 0, 0};
  const Tensor loss = binary_cross_entropy_with_logits(z, target, {.reduction = Reduction::none});
  EXPECT_EQ(numbers(loss.value()), (Numbers{1000, 0, 1000, 0}));
  EXPECT_EQ(gradient_of_sum(loss, z), (Numbers{-1, 0, 1, 0}));
}

TEST(KinksTest, TiesInMaximumAndMinimumShareEqually) {
  const Tensor a = leaf({3}, {1, 2, 3}), b = leaf({3}, {3, 2, 1});
  EXPECT_EQ(numbers(maximum(a, b).value()), (Numbers{3, 2, 3}));
  EXPECT_EQ(gradient_of_sum(maximum(a, b), a), (Numbers{0, 0.5, 1}));
  EXPECT_EQ(gradient_of_sum(maximum(a, b), b), (Numbers{1, 0.5, 0}));
  EXPECT_EQ(numbers(minimum(a, b).value()), (Numbers{1, 2, 1}));
  EXPECT_EQ(gradient_of_sum(minimum(a, b), a), (Numbers{1, 0.5, 0}));
  EXPECT_EQ(gradient_of_sum(minimum(a, b), b), (Numbers{0, 0.5, 1}));
  EXPECT_EQ(gradient_of_sum(maximum(a, a), a), (Numbers{1, 1, 1}));
}

TEST(KinksTest, TiesInMaxShareEqually) {
  const Tensor x = leaf({2, 4}, {5, 1, 5, 1, 2, 5, 5, 5});
  const double fifth = static_cast<Scalar>(0.2), third = Scalar{1} / 3;
  EXPECT_EQ(max(x).item(), 5);
  EXPECT_EQ(gradient_of_sum(max(x), x), (Numbers{fifth, 0, fifth, 0, 0, fifth, fifth, fifth}));
  EXPECT_EQ(gradient_of_sum(max(x, 1), x), (Numbers{0.5, 0, 0.5, 0, 0, third, third, third}));
  EXPECT_EQ(gradient_of_sum(max(x, 0), x), (Numbers{1, 0, 0.5, 0, 0, 1, 0.5, 1}));
}

TEST(KinksTest, TiesInMinAndAlongSeveralAxesShareEqually) {
  const Tensor x = leaf({2, 4}, {5, 1, 5, 1, 2, 5, 5, 5});
  EXPECT_EQ(min(x).item(), 1);
  EXPECT_EQ(gradient_of_sum(min(x), x), (Numbers{0, 0.5, 0, 0.5, 0, 0, 0, 0}));
  EXPECT_EQ(gradient_of_sum(max(x, {0, 1}), x), gradient_of_sum(max(x), x));
}

TEST(KinksTest, NanPropagatesAtEveryPosition) {
  for (std::size_t place = 0; place < 37; ++place) {  // in full SIMD registers and in the remainder
    Array with_nan = ones({37});
    with_nan.data()[place] = std::numeric_limits<Scalar>::quiet_NaN();
    const Tensor x(with_nan), one(ones({37}));
    EXPECT_TRUE(std::isnan(max(x).item()));
    EXPECT_TRUE(std::isnan(min(x).item()));
    EXPECT_EQ(argmin(x, 0)(), static_cast<std::int32_t>(place));
    EXPECT_TRUE(std::isnan(sum(x).item()));
    EXPECT_TRUE(std::isnan(cross_entropy(reshape(x, {1, 37}), Labels{3}).item()));
    for (const Tensor& y : {relu(x),
                            leaky_relu(x),
                            abs(x),
                            maximum(x, one),
                            maximum(one, x),
                            minimum(x, one),
                            minimum(one, x),
                            exp(x),
                            log(x),
                            log1p(x),
                            sqrt(x),
                            sin(x),
                            cos(x),
                            tanh(x),
                            sigmoid(x),
                            elu(x),
                            gelu(x),
                            silu(x),
                            softplus(x),
                            pow(x, 3),
                            pow(x, 1.5),
                            clamp(x, -2, 2),
                            where(one.value(), x, one)}) {
      for (std::size_t i = 0; i < 37; ++i) {
        EXPECT_EQ(std::isnan(y.value().data()[i]), i == place) << place << " " << i;
      }
    }
    for (const Tensor& y : {softmax(x), log_softmax(x)}) {
      for (const double value : numbers(y.value())) EXPECT_TRUE(std::isnan(value));
    }
  }
}

TEST(KinksTest, MaximumAndMinimumOrderInfinities) {
  const Tensor a(array({3}, {kInf, -kInf, kInf})), b(array({3}, {-kInf, 1, kInf}));
  EXPECT_EQ(numbers(maximum(a, b).value()), (Numbers{kInf, 1, kInf}));
  EXPECT_EQ(numbers(minimum(a, b).value()), (Numbers{-kInf, -kInf, kInf}));
  EXPECT_EQ(max(b).item(), std::numeric_limits<Scalar>::infinity());
}

TEST(KinksTest, ArgmaxReturnsTheFirstOfEqualElements) {
  const Tensor x(array({2, 3}, {1, 7, 7, 4, 4, 4}));
  EXPECT_EQ(argmax(x, 1), (Indices{1, 0}));
  EXPECT_EQ(argmax(x, -1), (Indices{1, 0}));
  EXPECT_EQ(argmax(x, 0), (Indices{1, 0, 0}));
}

TEST(KinksTest, ArgminReturnsTheFirstOfEqualElements) {
  const Tensor x(array({2, 3}, {7, 1, 1, 4, 4, 4}));
  EXPECT_EQ(argmin(x, 1), (Indices{1, 0}));
  EXPECT_EQ(argmin(x, 0), (Indices{1, 0, 0}));
  EXPECT_EQ(argmin(Tensor(array({4}, {3, kNan, 1, kNan})), 0)(), 1);
}

TEST(KinksTest, ArgmaxOfAVectorIsTheIndexOfTheMaximum) {
  const Indices place = argmax(Tensor(array({4}, {3, -5, 9, 1})), 0);
  EXPECT_EQ(place.dimension(), 0u);
  EXPECT_EQ(place(), 2);
}

TEST(KinksTest, ArgmaxReturnsTheFirstNan) {
  EXPECT_EQ(argmax(Tensor(array({4}, {3, kNan, 9, kNan})), 0)(), 1);
  const Tensor x(array({3, 2}, {3, kNan, kNan, 1, 9, kNan}));
  EXPECT_EQ(argmax(x, 0), (Indices{1, 0}));
}

TEST(KinksTest, ArgmaxOfAMatrixConvertsToLabels) {
  const Labels predicted = argmax(Tensor(array({2, 2}, {1, 2, 4, 3})), 1);
  EXPECT_EQ(predicted, (Labels{1, 0}));
}

TEST(KinksTest, PowZeroIsOneWithSlopeZeroEvenAtZero) {
  const Tensor x = leaf({3}, {-2, 0, 3});
  EXPECT_EQ(numbers(pow(x, 0).value()), (Numbers{1, 1, 1}));
  EXPECT_EQ(gradient_of_sum(pow(x, 0), x), (Numbers{0, 0, 0}));
  EXPECT_EQ(gradient_of_sum(pow(x, 1), x), (Numbers{1, 1, 1}));
}

TEST(KinksTest, PowersThatNeedNoCallOfPowAreThoseOfTheCLibrary) {
  const Array positive = array({10}, {0, -0.0, 1e-3, 0.1, 0.7, 1, 1.5, 3, 1000, kInf});
  const Array any = array({10}, {0, -0.0, -1000, -3, -0.7, 0.1, 2, 1000, kInf, -kInf});
  for (int halves = -18; halves <= 18; ++halves) {
    const Array& x = halves % 2 == 0 ? any : positive;
    const Array y = pow(Tensor(x), halves / 2.0).value();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = std::pow(static_cast<double>(x.data()[i]), halves / 2.0);
      if (exact == 0 || std::isinf(exact)) {
        EXPECT_EQ(y.data()[i], exact) << x.data()[i] << "^" << halves / 2.0;
        EXPECT_EQ(std::signbit(y.data()[i]), std::signbit(exact)) << x.data()[i] << halves;
        continue;
      }
      EXPECT_NEAR(y.data()[i], exact, 5 * std::numeric_limits<Scalar>::epsilon() * std::fabs(exact))
          << x.data()[i] << "^" << halves / 2.0;
    }
  }
}

TEST(KinksTest, TheGradientOfTheVarianceOfLargeNumbersHasNoRoundingErrorOfTheirMean) {
  const Tensor x = leaf({3}, {1e6, 1e6 + 1, 1e6 + 3});  // a float cannot store the mean
  const Numbers gradient = gradient_of_sum(var(x, 0), x);
  EXPECT_NEAR(gradient[0], -4.0 / 3, 1e-6);
  EXPECT_NEAR(gradient[1], -1.0 / 3, 1e-6);
  EXPECT_NEAR(gradient[2], 5.0 / 3, 1e-6);
}

TEST(KinksTest, NegativePowersOfZeroAreInfinite) {
  const Tensor x(array({2}, {0, -0.0}));
  EXPECT_EQ(numbers(pow(x, -1).value()), (Numbers{kInf, -kInf}));
  EXPECT_EQ(numbers(pow(x, -2).value()), (Numbers{kInf, kInf}));
  EXPECT_EQ(numbers(pow(x, -3).value()), (Numbers{kInf, -kInf}));
}

TEST(KinksTest, SigmoidAndTanhDoNotOverflow) {
  const Tensor x = leaf({4}, {-1000, -kInf, kInf, 1000});
  EXPECT_EQ(numbers(sigmoid(x).value()), (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(numbers(tanh(x).value()), (Numbers{-1, -1, 1, 1}));
  EXPECT_EQ(gradient_of_sum(sigmoid(x), x), Numbers(4, 0));
  EXPECT_EQ(gradient_of_sum(tanh(x), x), Numbers(4, 0));
}

TEST(KinksTest, SoftmaxOfLargeNumbersDependsOnlyOnTheirDifferences) {
  const Tensor x = leaf({1, 3}, {10000, 10000, 9000});
  EXPECT_EQ(numbers(softmax(x).value()), (Numbers{0.5, 0.5, 0}));
  const double half = static_cast<Scalar>(std::log(0.5));
  EXPECT_EQ(numbers(log_softmax(x).value()),
            (Numbers{half, half, static_cast<Scalar>(half - 1000)}));
  EXPECT_EQ(cross_entropy(x, {2}).item(), static_cast<Scalar>(1000 - std::log(0.5)));
  EXPECT_EQ(numbers(gradients(cross_entropy(x, {2}), {x})[0]), (Numbers{0.5, 0.5, -1}));
}

TEST(KinksTest, SoftmaxOfColumnsDependsOnlyOnDifferencesAndAcceptsMinusInfinity) {
  const Tensor x = leaf({3, 1}, {10000, 10000, 9000});
  EXPECT_EQ(numbers(softmax(x, 0).value()), (Numbers{0.5, 0.5, 0}));
  const double half = static_cast<Scalar>(std::log(0.5));
  EXPECT_EQ(numbers(log_softmax(x, 0).value()),
            (Numbers{half, half, static_cast<Scalar>(half - 1000)}));
  const Tensor infinite = leaf({3, 2}, {2, -kInf, -kInf, -kInf, 2, -kInf});
  const Numbers p = numbers(softmax(infinite, 0).value());
  const Numbers log_p = numbers(log_softmax(infinite, 0).value());
  EXPECT_EQ((Numbers{p[0], p[2], p[4]}), (Numbers{0.5, 0, 0.5}));
  EXPECT_EQ((Numbers{log_p[0], log_p[2], log_p[4]}), (Numbers{half, -kInf, half}));
  EXPECT_TRUE(std::isnan(p[1]) && std::isnan(log_p[1])) << "as in PyTorch";
}

TEST(KinksTest, TheLogOfAProbabilityNearOneKeepsItsDigits) {
  const double exact = -std::log1p(std::exp(-12.0));
  const double tolerance = 4 * std::numeric_limits<Scalar>::epsilon() * -exact;
  EXPECT_NEAR(log_softmax(leaf({1, 2}, {12, 0}), 1).value().data()[0], exact, tolerance);
  EXPECT_NEAR(log_softmax(leaf({2, 1}, {12, 0}), 0).value().data()[0], exact, tolerance);
}

TEST(KinksTest, ALogitOfMinusInfinityHasProbabilityZero) {
  const Tensor x = leaf({1, 3}, {2, -kInf, 2});
  EXPECT_EQ(numbers(softmax(x).value()), (Numbers{0.5, 0, 0.5}));
  EXPECT_EQ(numbers(log_softmax(x).value())[1], -kInf);
  EXPECT_EQ(numbers(gradients(cross_entropy(x, {0}), {x})[0]), (Numbers{-0.5, 0, 0.5}));
  EXPECT_EQ(gradient_of_sum(slice(log_softmax(x), 1, 0, 1), x), (Numbers{0.5, 0, -0.5}));
}

}  // namespace
}  // namespace xgrad
