// SPDX-License-Identifier: MIT
// Calls every case of the op table, among them tensors of rank 0 and tensors without elements. The
// result is NumPy's, or there is one clear error.
#include "op_table.hpp"

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace xgrad::test {
namespace {

std::vector<Tensor> inputs_of(const Case& call) {
  std::vector<Tensor> x;
  Scalar value = Scalar{0.5f};
  for (const Shape& shape : call.shapes) {
    x.emplace_back(full(shape, value), true);
    value /= 2;
  }
  return x;
}

/// Expects the shape and the value of the case, and a finite gradient of every input.
void expect_answer(const Op& op, const Case& call) {
  const std::vector<Tensor> x = inputs_of(call);
  const Tensor y = op.call(x, call.args);
  EXPECT_EQ(to_string(y.shape()), call.answer);
  for (const double value : numbers(y.value())) {
    EXPECT_NEAR(value, call.value.value_or(value), 1e-6);
  }
  if (!y.requires_grad()) return;
  y.backward(ones(y.shape()));
  for (const Tensor& input : x) {
    EXPECT_EQ(input.grad().shape(), input.shape());
    for (const double g : numbers(input.grad())) EXPECT_TRUE(std::isfinite(g)) << g;
  }
}

void expect_error(const Op& op, const Case& call) {
  const std::string message = message_of<ShapeError>([&] { op.call(inputs_of(call), call.args); });
  EXPECT_EQ(message.rfind(call.answer, 0), 0u) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(OpTableTest, EveryCallGivesNumPysAnswerOrAnError) {
  for (const Op& op : op_table()) {
    for (const Case& call : op.cases) {
      std::string shapes = op.name;
      for (const Shape& shape : call.shapes) shapes += " " + to_string(shape);
      SCOPED_TRACE(shapes);
      call.answer[0] == '(' ? expect_answer(op, call) : expect_error(op, call);
    }
  }
}

std::set<std::string> ops_of_the_headers() {
  std::set<std::string> names;
  for (const std::string family : {"conv", "elementwise", "loss", "matmul", "reduce", "shape"}) {
    std::ifstream header(XGRAD_SOURCE_DIR "/autograd/ops_" + family + ".hpp");
    for (std::string line; std::getline(header, line);) {
      for (const std::string result : {"Tensor ", "Indices "}) {
        if (line.rfind(result, 0) == 0 && line.find('(') != std::string::npos) {
          names.insert(line.substr(result.size(), line.find('(') - result.size()));
        }
      }
    }
  }
  return names;
}

TEST(OpTableTest, EveryOpOfTheHeaderHasACaseOfRankZeroAndOneWithoutElements) {
  std::set<std::string> rank_zero, without_elements;
  for (const Op& op : op_table()) {
    for (const Case& call : op.cases) {
      for (const Shape& shape : call.shapes) {
        if (shape.empty()) rank_zero.insert(op.name);
        if (element_count(shape) == 0) without_elements.insert(op.name);
      }
    }
  }
  EXPECT_GE(rank_zero.size(), 50u);
  EXPECT_EQ(rank_zero, ops_of_the_headers());
  EXPECT_EQ(without_elements, ops_of_the_headers());
}

}  // namespace
}  // namespace xgrad::test
