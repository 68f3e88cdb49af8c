// SPDX-License-Identifier: MIT
// Tests of gradcheck(), in float with the default options.
#include "faulty_ops.hpp"

#include <xgrad/autograd/testing.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace xgrad {
namespace {

using test::array;
using test::leaf;
using test::message_of;

const Array kSquareMatrix = array({3, 3}, {0.5, -1, 1.5, 2, -0.7, 0.4, 1.2, -0.3, 0.9});
const Array kWideMatrix = array({2, 3}, {0.5, -1, 1.5, 2, -0.7, 0.4});

TEST(GradcheckTest, PassesACorrectBackwardFunctionInFloat) {
  const GradcheckResult result = gradcheck(test::right_square, {kSquareMatrix});
  EXPECT_TRUE(result.passed) << result.message;
  EXPECT_LT(result.worst_error, 1e-3);
}

TEST(GradcheckTest, FailsEveryWrongBackwardFunction) {
  for (const test::FaultyOp& wrong : test::faulty_ops()) {
    for (const Array& input : {kSquareMatrix, kWideMatrix}) {
      const GradcheckResult result = gradcheck(wrong.op, {input});
      EXPECT_FALSE(result.passed) << wrong.fault << ": " << result.message;
      EXPECT_GT(result.worst_error, 0.1) << wrong.fault;
      EXPECT_EQ(result.message.find('\n'), std::string::npos) << wrong.fault;
    }
  }
}

TEST(GradcheckTest, FindsTheOneWrongInputOfTwo) {
  const auto wrong_right_factor = [](const std::vector<Tensor>& x) {
    const SavedArray a(x[0]), b(x[1]);
    return record(
        "product", elementwise(kernels().mul, *a, *b),
        wrt(x[0], [b](const Array& g, Gradient& da) { da.add(elementwise(kernels().mul, g, *b)); }),
        wrt(x[1], [](const Array& g, Gradient& db) { db.add(g); }));
  };
  const GradcheckResult result =
      gradcheck(wrong_right_factor, {array({2}, {1, 1}), array({2}, {1, 1})});
  EXPECT_TRUE(result.passed) << "the wrong derivative is right at a = 1: " << result.message;
  const GradcheckResult elsewhere =
      gradcheck(wrong_right_factor, {array({2}, {1, 3}), array({2}, {1, 1})});
  EXPECT_FALSE(elsewhere.passed);
  EXPECT_EQ(elsewhere.message.find("[gradcheck] input 1 of shape (2,), element 1: analytic "), 0u)
      << elsewhere.message;
}

TEST(GradcheckTest, TheMessageContainsBothDerivatives) {
  const auto halved = [](const std::vector<Tensor>& x) {
    return record("copy", x[0].value(), wrt(x[0], [](const Array& g, Gradient& dx) {
                    dx.add(elementwise(kernels().mul, g, Scalar{0.5}));
                  }));
  };
  const GradcheckResult result = gradcheck(halved, {array({}, {0})});
  EXPECT_FALSE(result.passed);
  const std::size_t analytic = result.message.find("analytic ") + 9;
  const std::size_t numeric = result.message.find("numeric ") + 8;
  EXPECT_NEAR(std::stod(result.message.substr(numeric)),
              2 * std::stod(result.message.substr(analytic)), 1e-6)
      << result.message;
  EXPECT_NE(result.message.find("relative error 0."), std::string::npos) << result.message;
}

TEST(GradcheckTest, DoesNotChangeTheCallersTensors) {
  const Tensor weight = leaf({2}, {3, 4});
  sum(weight * 2).backward();
  const std::size_t before = live_tensors();
  const Array input = array({2}, {1, 2});
  const auto f = [&](const std::vector<Tensor>& x) { return x[0] * weight; };
  EXPECT_TRUE(gradcheck(f, {input}).passed);
  EXPECT_EQ(test::numbers(weight.grad()), (std::vector<double>{2, 2}));
  EXPECT_EQ(test::numbers(input), (std::vector<double>{1, 2}));
  EXPECT_EQ(live_tensors(), before);
  EXPECT_TRUE(grad_enabled());
}

TEST(GradcheckTest, AcceptsInputsWithoutElements) {
  const auto f = [](const std::vector<Tensor>& x) { return exp(x[0]); };
  const GradcheckResult result = gradcheck(f, {Array::from_shape({0, 3})});
  EXPECT_TRUE(result.passed);
  EXPECT_EQ(result.worst_error, 0);
  EXPECT_EQ(result.message, "[gradcheck] the inputs have no elements to compare");
}

TEST(GradcheckTest, RefusesOptionsThatAreNotPositive) {
  for (const GradcheckOptions options : {GradcheckOptions{.step = 0}, GradcheckOptions{.step = NAN},
                                         GradcheckOptions{.tolerance = -1}}) {
    EXPECT_THROW(gradcheck(test::right_square, {kSquareMatrix}, options), OptionError);
  }
}

TEST(GradcheckTest, RefusesAFunctionWhoseShapeDependsOnTheValues) {
  const auto f = [](const std::vector<Tensor>& x) {
    return slice(x[0], 0, 0, x[0].value().data()[0] > 1 ? 2 : 1);
  };
  EXPECT_EQ(message_of<ShapeError>([&] {
              gradcheck(f, {array({2}, {1, 5})});
            }),
            "[gradcheck] shapes differ: (1,) and (2,)");
}

}  // namespace
}  // namespace xgrad
