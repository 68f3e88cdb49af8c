// SPDX-License-Identifier: MIT
// Tensors of rank 0 and tensors without elements in every op: NumPy's answer, or one clear error.
#include <support/declared_ops.hpp>
#include <support/tensors.hpp>
#include <xgrad/autograd.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;

using X = const std::vector<Tensor>&;

struct Row {
  const char* op;  // as ops.hpp declares it
  std::vector<std::vector<std::size_t>> shapes;
  const char* answer;  // its shape, or how the error starts
  std::function<Tensor(X)> call;
  double value = 0.5;  // of every element; the inputs hold 0.5, 0.25 and 0.125
};

Tensor as_tensor(const Indices& indices) {
  Array values = empty(Shape(indices.shape().begin(), indices.shape().end()));
  std::copy(indices.begin(), indices.end(), values.data());
  return Tensor(std::move(values), true);
}

const Row kArithmetic[] = {
    {"operator+", {{}, {}}, "()", [](X x) { return x[0] + x[1]; }, 0.75},
    {"operator+", {{}, {0, 3}}, "(0, 3)", [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 0}, {2, 1}}, "(2, 0)", [](X x) { return x[0] + x[1]; }},
    {"operator+", {{0}, {2}}, "[add] shapes do not broadcast", [](X x) { return x[0] + x[1]; }},
    {"operator+", {{}}, "()", [](X x) { return 1 + (x[0] + 2); }, 3.5},
    {"operator-", {{}, {}}, "()", [](X x) { return x[0] - x[1]; }, 0.25},
    {"operator-", {{0, 1}, {3}}, "(0, 3)", [](X x) { return x[0] - x[1]; }},
    {"operator-", {{0}, {2}}, "[sub] shapes do not broadcast", [](X x) { return x[0] - x[1]; }},
    {"operator-", {{}}, "()", [](X x) { return -(1 - (x[0] - 2)); }, -2.5},
    {"operator-", {{3, 0}}, "(3, 0)", [](X x) { return -x[0]; }},
    {"operator*", {{}, {}}, "()", [](X x) { return x[0] * x[1]; }, 0.125},
    {"operator*", {{4, 0, 2}, {}}, "(4, 0, 2)", [](X x) { return x[0] * x[1]; }},
    {"operator*", {{0}, {2}}, "[mul] shapes do not broadcast", [](X x) { return x[0] * x[1]; }},
    {"operator*", {{0}}, "(0,)", [](X x) { return 2 * (x[0] * 3); }},
    {"operator/", {{}, {}}, "()", [](X x) { return x[0] / x[1]; }, 2},
    {"operator/", {{0}, {1}}, "(0,)", [](X x) { return x[0] / x[1]; }},
    {"operator/", {{0}, {2}}, "[div] shapes do not broadcast", [](X x) { return x[0] / x[1]; }},
    {"operator/", {{}}, "()", [](X x) { return 1 / (x[0] / 4); }, 8},
    {"maximum", {{}, {}}, "()", [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{0, 2}, {}}, "(0, 2)", [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{0}, {2}}, "[maximum] shapes do not", [](X x) { return maximum(x[0], x[1]); }},
    {"minimum", {{}, {}}, "()", [](X x) { return minimum(x[0], x[1]); }, 0.25},
    {"minimum", {{0, 2}, {}}, "(0, 2)", [](X x) { return minimum(x[0], x[1]); }},
};

const Row kFunctions[] = {
    {"exp", {{}}, "()", [](X x) { return exp(x[0]); }, std::exp(0.5)},
    {"exp", {{0, 3}}, "(0, 3)", [](X x) { return exp(x[0]); }},
    {"log", {{}}, "()", [](X x) { return log(x[0]); }, std::log(0.5)},
    {"log", {{3, 0}}, "(3, 0)", [](X x) { return log(x[0]); }},
    {"sqrt", {{}}, "()", [](X x) { return sqrt(x[0]); }, std::sqrt(0.5)},
    {"sqrt", {{0}}, "(0,)", [](X x) { return sqrt(x[0]); }},
    {"abs", {{}}, "()", [](X x) { return abs(-x[0]); }},
    {"abs", {{0}}, "(0,)", [](X x) { return abs(x[0]); }},
    {"tanh", {{}}, "()", [](X x) { return tanh(x[0]); }, std::tanh(0.5)},
    {"tanh", {{0}}, "(0,)", [](X x) { return tanh(x[0]); }},
    {"sigmoid", {{}}, "()", [](X x) { return sigmoid(x[0]); }, 1 / (1 + std::exp(-0.5))},
    {"sigmoid", {{0}}, "(0,)", [](X x) { return sigmoid(x[0]); }},
    {"relu", {{}}, "()", [](X x) { return relu(x[0]); }},
    {"relu", {{0}}, "(0,)", [](X x) { return relu(x[0]); }},
    {"leaky_relu", {{}}, "()", [](X x) { return leaky_relu(-x[0], 0.5); }, -0.25},
    {"leaky_relu", {{0}}, "(0,)", [](X x) { return leaky_relu(x[0]); }},
    {"pow", {{}}, "()", [](X x) { return pow(x[0], 3); }, 0.125},
    {"pow", {{0, 2}}, "(0, 2)", [](X x) { return pow(x[0], 0.5); }},
};

const Row kReductions[] = {
    {"sum", {{}}, "()", [](X x) { return sum(x[0]); }},
    {"sum", {{0, 3}}, "()", [](X x) { return sum(x[0]); }, 0},
    {"sum", {{0, 3}}, "(3,)", [](X x) { return sum(x[0], 0); }, 0},
    {"sum", {{0, 70}}, "(70,)", [](X x) { return sum(x[0], 0); }, 0},  // registers of columns
    {"sum", {{0, 3}}, "(1, 3)", [](X x) { return sum(x[0], 0, true); }, 0},
    {"sum", {{0, 3}}, "(0,)", [](X x) { return sum(x[0], 1); }},
    {"sum", {{2, 0, 3}}, "(2, 3)", [](X x) { return sum(x[0], 1); }, 0},
    {"sum", {{2, 3, 0}}, "(2, 3)", [](X x) { return sum(x[0], -1); }, 0},
    {"sum", {{}}, "[sum] axis 0 is outside", [](X x) { return sum(x[0], 0); }},
    {"mean", {{}}, "()", [](X x) { return mean(x[0]); }},
    {"mean", {{0, 3}}, "[mean] nothing to reduce", [](X x) { return mean(x[0]); }},
    {"mean", {{0, 3}}, "[mean] nothing to reduce", [](X x) { return mean(x[0], 0); }},
    {"mean", {{0, 3}}, "(0,)", [](X x) { return mean(x[0], 1); }},
    {"mean", {{}}, "[mean] axis -1 is outside", [](X x) { return mean(x[0], -1); }},
    {"max", {{}}, "()", [](X x) { return max(x[0]); }},
    {"max", {{0, 3}}, "[max] nothing to reduce", [](X x) { return max(x[0]); }},
    {"max", {{0, 3}}, "[max] nothing to reduce", [](X x) { return max(x[0], 0); }},
    {"max", {{0, 3}}, "(0, 1)", [](X x) { return max(x[0], 1, true); }},
    {"max", {{}}, "[max] axis 0 is outside", [](X x) { return max(x[0], 0); }},
    {"argmax", {{}}, "[argmax] axis 0 is", [](X x) { return as_tensor(argmax(x[0], 0)); }},
    {"argmax", {{3, 0}}, "[argmax] nothing", [](X x) { return as_tensor(argmax(x[0], 1)); }},
    {"argmax", {{3, 0}}, "(0,)", [](X x) { return as_tensor(argmax(x[0], 0)); }},
    {"argmax", {{0, 3}}, "(0,)", [](X x) { return as_tensor(argmax(x[0], -1)); }},
};

const Row kMatrices[] = {
    {"matmul", {{}, {2, 3}}, "[matmul] both", [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 3}, {}}, "[matmul] both", [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{0, 3}, {3, 2}}, "(0, 2)", [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 0}, {0, 3}}, "(2, 3)", [](X x) { return matmul(x[0], x[1]); }, 0},
    {"matmul", {{2, 3}, {3, 0}}, "(2, 0)", [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{0, 0}, {0, 0}}, "(0, 0)", [](X x) { return matmul(x[0], x[1]); }},
    {"linear", {{}, {2, 3}, {2}}, "[linear]", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{3}, {2, 3}, {}}, "[linear]", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{3}, {}, {2}}, "[linear]", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{0, 3}, {2, 3}, {2}}, "(0, 2)", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{0, 3}, {70, 3}, {70}}, "(0, 70)", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear",
     {{4, 0}, {2, 0}, {2}},
     "(4, 2)",
     [](X x) { return linear(x[0], x[1], x[2]); },
     0.125},
    {"linear", {{4, 3}, {0, 3}, {0}}, "(4, 0)", [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{0}, {0, 0}, {0}}, "(0,)", [](X x) { return linear(x[0], x[1], x[2]); }},
};

const Row kShapes[] = {
    {"transpose", {{}}, "()", [](X x) { return transpose(x[0]); }},
    {"transpose", {{0, 3}}, "(3, 0)", [](X x) { return transpose(x[0]); }},
    {"transpose", {{2, 0, 3}}, "(3, 0, 2)", [](X x) { return transpose(x[0]); }},
    {"reshape",
     {{}},
     "(1, 1)",
     [](X x) {
       return reshape(x[0], {1, 1});
     }},
    {"reshape", {{1}}, "()", [](X x) { return reshape(x[0], {}); }},
    {"reshape",
     {{0, 3}},
     "(5, 0, 2)",
     [](X x) {
       return reshape(x[0], {5, 0, 2});
     }},
    {"reshape", {{0}}, "[reshape] (0,) has 0", [](X x) { return reshape(x[0], {1}); }},
    {"concatenate", {{}, {}}, "[concatenate] axis 0", [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{0, 3}, {0, 3}}, "(0, 3)", [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{0, 3}, {0, 2}}, "(0, 5)", [](X x) { return concatenate(x, 1); }},
    {"concatenate", {{2, 3}, {0, 3}}, "(2, 3)", [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{0}, {}}, "[concatenate] all", [](X x) { return concatenate(x, 0); }},
    {"slice", {{}}, "[slice] axis 0", [](X x) { return slice(x[0], 0, 0, 1); }},
    {"slice", {{0, 3}}, "(0, 2)", [](X x) { return slice(x[0], 1, 1, 3); }},
    {"slice", {{2, 3}}, "(2, 0)", [](X x) { return slice(x[0], 1, 3, 3); }},
    {"slice", {{0}}, "(0,)", [](X x) { return slice(x[0], 0, 0, 0); }},
    {"slice", {{0}}, "[slice] [0, 1) is not", [](X x) { return slice(x[0], 0, 0, 1); }},
};

const Row kLosses[] = {
    {"softmax", {{}}, "[softmax] axis -1", [](X x) { return softmax(x[0]); }},
    {"softmax", {{0, 3}}, "(0, 3)", [](X x) { return softmax(x[0]); }},
    {"softmax", {{3, 0}}, "(3, 0)", [](X x) { return softmax(x[0]); }},
    {"softmax", {{3, 0}}, "(3, 0)", [](X x) { return softmax(x[0], 0); }},
    {"log_softmax", {{}}, "[log_softmax] axis -1", [](X x) { return log_softmax(x[0]); }},
    {"log_softmax", {{0, 3}}, "(0, 3)", [](X x) { return log_softmax(x[0], 0); }},
    {"log_softmax", {{3, 0}}, "(3, 0)", [](X x) { return log_softmax(x[0]); }},
    {"cross_entropy", {{}}, "[cross_entropy] the l", [](X x) { return cross_entropy(x[0], {0}); }},
    {"cross_entropy",
     {{0, 3}},
     "[cross_entropy] the b",
     [](X x) { return cross_entropy(x[0], {}); }},
    {"cross_entropy",
     {{1, 0}},
     "[cross_entropy] the b",
     [](X x) { return cross_entropy(x[0], {0}); }},
    {"mse_loss", {{}, {}}, "()", [](X x) { return mse_loss(x[0], x[1]); }, 0.0625},
    {"mse_loss", {{0}, {0}}, "[mse_loss] nothing", [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{0}, {}}, "[mse_loss] shapes", [](X x) { return mse_loss(x[0], x[1]); }},
};

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto& row : kArithmetic) rows.push_back(row);
  for (const auto& row : kFunctions) rows.push_back(row);
  for (const auto& row : kReductions) rows.push_back(row);
  for (const auto& row : kMatrices) rows.push_back(row);
  for (const auto& row : kShapes) rows.push_back(row);
  for (const auto& row : kLosses) rows.push_back(row);
  return rows;
}

std::vector<Tensor> inputs_of(const Row& row) {
  std::vector<Tensor> x;
  Scalar value = Scalar{0.5f};
  for (const auto& extents : row.shapes) {
    x.emplace_back(full(Shape(extents.begin(), extents.end()), value), true);
    value /= 2;
  }
  return x;
}

/// The answer has this shape and these values, and a finite gradient flows back to every input.
void expect_answer(const Row& row, const std::vector<Tensor>& x) {
  const Tensor y = row.call(x);
  EXPECT_EQ(to_string(y.shape()), row.answer);
  for (const double value : test::numbers(y.value())) EXPECT_NEAR(value, row.value, 1e-6);
  y.backward(ones(y.shape()));
  for (const Tensor& input : x) {
    EXPECT_EQ(input.grad().shape(), input.shape());
    for (const double g : test::numbers(input.grad())) EXPECT_TRUE(std::isfinite(g)) << g;
  }
}

TEST(DegenerateTest, RankZeroAndNoElementsGiveNumPysAnswerOrAnError) {
  for (const Row& row : all_rows()) {
    const std::vector<Tensor> x = inputs_of(row);
    std::string shapes = row.op;
    for (const Tensor& input : x) shapes += " " + to_string(input.shape());
    SCOPED_TRACE(shapes);
    if (row.answer[0] == '(') {
      expect_answer(row, x);
    } else {
      const std::string message = message_of<ShapeError>([&] { row.call(x); });
      EXPECT_EQ(message.rfind(row.answer, 0), 0u) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
}

TEST(DegenerateTest, TheTableHasBothKindsForEveryOpOfTheHeader) {
  std::set<std::string> rank_zero, without_elements;
  for (const Row& row : all_rows()) {
    for (const auto& extents : row.shapes) {
      if (extents.empty()) rank_zero.insert(row.op);
      if (std::count(extents.begin(), extents.end(), 0u) > 0) without_elements.insert(row.op);
    }
  }
  EXPECT_EQ(rank_zero, test::declared_ops());
  EXPECT_EQ(without_elements, test::declared_ops());
}

}  // namespace
}  // namespace xgrad
