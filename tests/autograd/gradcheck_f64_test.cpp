// SPDX-License-Identifier: MIT
// Compares the derivatives of every op with central differences, in double. The relative error is
// at most 1e-6.
#include "op_table.hpp"

#include <gtest/gtest.h>

namespace xgrad::test {
namespace {

using Function = std::function<Tensor(Tensors)>;

void check(const std::vector<Array>& inputs, const Function& f) {
  const GradcheckResult result = gradcheck(f, inputs, {.tolerance = 1e-6});
  EXPECT_TRUE(result.passed) << result.message;
}

/// Replaces each tensor by the first one of its shape, so that an op gets one tensor twice.
std::vector<Tensor> shared(std::vector<Tensor> x) {
  for (Tensor& each : x) {
    each = *std::find_if(x.begin(), x.end(),
                         [&](const Tensor& other) { return other.shape() == each.shape(); });
  }
  return x;
}

TEST(GradientTableTest, GradientsOfEveryOpAreTheDifferences) {
  Rng rng(7);
  for (const Op& op : op_table()) {
    for (std::size_t i = 0; i < op.cases.size(); ++i) {
      const Case& call = op.cases[i];
      if (call.answer[0] != '(') continue;  // an error
      std::string shapes = op.name;
      for (const Shape& shape : call.shapes) shapes += " " + to_string(shape);
      SCOPED_TRACE(shapes + ", case " + std::to_string(i));
      const std::vector<Array> inputs = apart(rng, call.shapes, op.domain == Domain::positive);
      check(inputs, [&](Tensors x) { return op.call(x, call.args); });
      if (inputs.size() > 1) {
        check(inputs, [&](Tensors x) { return op.call(shared(x), call.args); });
      }
    }
  }
}

TEST(GradientTableTest, OneTensorMayBeUsedInSeveralCalls) {
  const std::pair<std::vector<Shape>, Function> expressions[] = {
      {{{2, 3}}, [](Tensors x) { return matmul(x[0], transpose(x[0])); }},
      {{{3, 2}, {2, 2}}, [](Tensors x) { return matmul(matmul(x[0], x[1]), x[1]); }},
      {{{2, 3}, {3, 3}, {3}},
       [](Tensors x) { return linear(linear(x[0], x[1], x[2]), x[1], x[2]); }},
      {{{5}}, [](Tensors x) { return slice(x[0], 0, 0, 3) * slice(x[0], 0, 2, 5); }}};
  Rng rng(7);
  for (const auto& [shapes, f] : expressions) check(apart(rng, shapes, false), f);
}

}  // namespace
}  // namespace xgrad::test
