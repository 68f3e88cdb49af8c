// SPDX-License-Identifier: MIT
#include "faulty_ops.hpp"

#include <support/tensors.hpp>

#include <gtest/gtest.h>

namespace xgrad {
namespace {

TEST(GradcheckDoubleTest, PassesACorrectBackwardFunctionAndFailsEveryWrongOne) {
  for (const Array& input :
       {test::array({2, 2}, {0.5, -1, 1.5, 2}), test::array({1, 3}, {0.5, -1, 1.5})}) {
    const GradcheckResult right = gradcheck(test::right_square, {input});
    EXPECT_TRUE(right.passed) << right.message;
    for (const test::FaultyOp& wrong : test::faulty_ops()) {
      const GradcheckResult result = gradcheck(wrong.op, {input});
      EXPECT_FALSE(result.passed) << wrong.fault << ": " << result.message;
    }
  }
}

TEST(GradcheckDoubleTest, DetectsAnErrorOfOnePartInAHundredThousand) {
  const auto off = [](const std::vector<Tensor>& x) {
    return test::square(
        x[0], [](const Array& g, const Array& v) { return test::scaled_product(g, v, 2.00002); });
  };
  EXPECT_FALSE(gradcheck(off, {test::array({}, {1})}).passed);
  EXPECT_TRUE(gradcheck(off, {test::array({}, {1})}, {.tolerance = 1e-4}).passed);
}

}  // namespace
}  // namespace xgrad
