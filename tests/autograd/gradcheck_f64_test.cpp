// SPDX-License-Identifier: MIT
// One line for each op and kind of shape: the derivative of its rule against central differences,
// in double, with relative error at most 1e-6.
#include <xgrad/autograd.hpp>
#include <xgrad/core/rng.hpp>

#include <support/declared_ops.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace xgrad {
namespace {

using X = const std::vector<Tensor>&;

struct Case {
  const char* op;  // as ops.hpp declares it
  std::vector<std::vector<std::size_t>> shapes;
  std::function<Tensor(X)> f;
};

// Numbers of magnitude 0.3 to 1.5, away from every kink, no two of them close; positive for the
// functions that ask for it.
Array input(const std::vector<std::size_t>& extents, bool positive, Rng& rng) {
  Array x = empty(Shape(extents.begin(), extents.end()));
  const std::vector<std::size_t> order = rng.permutation(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double part = static_cast<double>(order[i]) + rng.uniform(0.1, 0.9);
    const double magnitude = 0.3 + 1.2 * part / static_cast<double>(x.size());
    x.data()[i] = positive || rng.below(2) == 0 ? magnitude : -magnitude;
  }
  return x;
}

void check(std::span<const Case> cases, bool positive = false) {
  Rng rng(7);
  for (std::size_t row = 0; row < cases.size(); ++row) {
    std::vector<Array> inputs;
    std::string shapes;
    for (const auto& extents : cases[row].shapes) {
      inputs.push_back(input(extents, positive, rng));
      shapes += " " + to_string(inputs.back().shape());
    }
    SCOPED_TRACE(cases[row].op + shapes + ", row " + std::to_string(row));
    const GradcheckResult result = gradcheck(cases[row].f, inputs, {.tolerance = 1e-6});
    EXPECT_TRUE(result.passed) << result.message;
  }
}

const Case kArithmetic[] = {
    {"operator+", {{2, 3}, {2, 3}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 3}, {3}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 3}, {2, 1}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{1, 1}, {2, 3}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{}, {2, 3}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{}, {}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{3, 1}, {1, 4}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 1, 4}, {3, 1}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{0, 3}, {3}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 0}, {2, 1}}, [](X x) { return x[0] + x[1]; }},
    {"operator+", {{2, 3}}, [](X x) { return x[0] + x[0]; }},
    {"operator+", {{2, 3}}, [](X x) { return (x[0] + 2) + (3 + x[0]); }},
    {"operator-", {{2, 3}, {2, 3}}, [](X x) { return x[0] - x[1]; }},
    {"operator-", {{3}, {2, 3}}, [](X x) { return x[0] - x[1]; }},
    {"operator-", {{3, 1}, {1, 4}}, [](X x) { return x[0] - x[1]; }},
    {"operator-", {{2, 3}, {}}, [](X x) { return x[0] - x[1]; }},
    {"operator-", {{0}, {1}}, [](X x) { return x[0] - x[1]; }},
    {"operator-", {{2, 3}}, [](X x) { return x[0] - x[0]; }},
    {"operator-", {{2, 3}}, [](X x) { return (x[0] - 2) * (3 - x[0]); }},
    {"operator-", {{2, 3}}, [](X x) { return -x[0]; }},
    {"operator-", {{0, 3}}, [](X x) { return -x[0]; }},
    {"operator*", {{2, 3}, {2, 3}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{2, 3}, {3}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{2, 1}, {2, 3}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{3, 1}, {1, 4}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{4}, {2, 3, 1}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{2, 3, 4}, {1, 3, 1}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{}, {2, 3}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{2, 0, 3}, {3}}, [](X x) { return x[0] * x[1]; }},
    {"operator*", {{2, 3}}, [](X x) { return x[0] * x[0]; }},
    {"operator*", {{2, 3}}, [](X x) { return (2 * x[0]) * (x[0] * 3); }},
    {"operator/", {{2, 3}, {2, 3}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{2, 3}, {3}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{2, 1}, {2, 3}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{3, 1}, {1, 4}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{2, 3}, {}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{1}, {0}}, [](X x) { return x[0] / x[1]; }},
    {"operator/", {{2, 3}}, [](X x) { return x[0] / x[0]; }},
    {"operator/", {{2, 3}}, [](X x) { return (x[0] / 2) + (3 / x[0]); }},
    {"maximum", {{2, 3}, {2, 3}}, [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{3, 1}, {1, 4}}, [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{2, 3}, {}}, [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{0, 3}, {3}}, [](X x) { return maximum(x[0], x[1]); }},
    {"maximum", {{2, 3}}, [](X x) { return maximum(x[0], x[0]); }},
    {"minimum", {{2, 3}, {2, 3}}, [](X x) { return minimum(x[0], x[1]); }},
    {"minimum", {{3, 1}, {1, 4}}, [](X x) { return minimum(x[0], x[1]); }},
    {"minimum", {{}, {2, 3}}, [](X x) { return minimum(x[0], x[1]); }},
    {"minimum", {{0, 3}, {3}}, [](X x) { return minimum(x[0], x[1]); }},
};

const Case kFunctions[] = {
    {"exp", {{2, 3}}, [](X x) { return exp(x[0]); }},
    {"exp", {{}}, [](X x) { return exp(x[0]); }},
    {"exp", {{0, 2}}, [](X x) { return exp(x[0]); }},
    {"abs", {{2, 3}}, [](X x) { return abs(x[0]); }},
    {"abs", {{37}}, [](X x) { return abs(x[0]); }},
    {"tanh", {{2, 3}}, [](X x) { return tanh(x[0]); }},
    {"tanh", {{37}}, [](X x) { return tanh(x[0]); }},
    {"sigmoid", {{2, 3}}, [](X x) { return sigmoid(x[0]); }},
    {"sigmoid", {{37}}, [](X x) { return sigmoid(4 * x[0]); }},
    {"relu", {{2, 3}}, [](X x) { return relu(x[0]); }},
    {"relu", {{1, 37}}, [](X x) { return relu(x[0]); }},
    {"leaky_relu", {{2, 3}}, [](X x) { return leaky_relu(x[0]); }},
    {"leaky_relu", {{37}}, [](X x) { return leaky_relu(x[0], 0.3); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], 2); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], 3); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], 1); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], 0); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], -1); }},
    {"pow", {{0}}, [](X x) { return pow(x[0], 2); }},
};

const Case kFunctionsOfPositiveNumbers[] = {
    {"log", {{2, 3}}, [](X x) { return log(x[0]); }},
    {"log", {{37}}, [](X x) { return log(x[0]); }},
    {"log", {{0}}, [](X x) { return log(x[0]); }},
    {"sqrt", {{2, 3}}, [](X x) { return sqrt(x[0]); }},
    {"sqrt", {{37}}, [](X x) { return sqrt(x[0]); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], 0.5); }},
    {"pow", {{2, 3}}, [](X x) { return pow(x[0], -1.5); }},
};

const Case kReductions[] = {
    {"sum", {{2, 3}}, [](X x) { return sum(x[0]); }},
    {"sum", {{}}, [](X x) { return sum(x[0]); }},
    {"sum", {{0, 3}}, [](X x) { return sum(x[0]); }},
    {"sum", {{2, 3, 4}}, [](X x) { return sum(x[0], 0); }},
    {"sum", {{2, 3, 4}}, [](X x) { return sum(x[0], 1); }},
    {"sum", {{2, 3, 4}}, [](X x) { return sum(x[0], -1); }},
    {"sum", {{2, 3, 4}}, [](X x) { return sum(x[0], -2, true); }},
    {"sum", {{2, 1, 4}}, [](X x) { return sum(x[0], 1, true); }},
    {"sum", {{5}}, [](X x) { return sum(x[0], 0); }},
    {"sum", {{0, 3}}, [](X x) { return sum(x[0], 0); }},
    {"sum", {{0, 3}}, [](X x) { return sum(x[0], 1); }},
    {"mean", {{2, 3}}, [](X x) { return mean(x[0]); }},
    {"mean", {{}}, [](X x) { return mean(x[0]); }},
    {"mean", {{2, 3, 4}}, [](X x) { return mean(x[0], 0); }},
    {"mean", {{2, 3, 4}}, [](X x) { return mean(x[0], -2); }},
    {"mean", {{2, 3, 4}}, [](X x) { return mean(x[0], 2, true); }},
    {"mean", {{0, 3}}, [](X x) { return mean(x[0], 1); }},
    {"max", {{2, 3}}, [](X x) { return max(x[0]); }},
    {"max", {{}}, [](X x) { return max(x[0]); }},
    {"max", {{2, 3, 4}}, [](X x) { return max(x[0], 0); }},
    {"max", {{2, 3, 4}}, [](X x) { return max(x[0], 1, true); }},
    {"max", {{2, 3, 4}}, [](X x) { return max(x[0], -1); }},
    {"max", {{1, 4}}, [](X x) { return max(x[0], 0); }},
    {"max", {{0, 3}}, [](X x) { return max(x[0], 1); }},
};

const Case kMatrices[] = {
    {"matmul", {{2, 3}, {3, 4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{1, 3}, {3, 4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{3, 1}, {1, 4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 3}, {3, 1}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{1, 3}, {3, 1}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{1, 1}, {1, 1}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{0, 3}, {3, 4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 0}, {0, 4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 3}, {3, 0}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{3, 3}}, [](X x) { return matmul(x[0], x[0]); }},
    {"matmul", {{2, 3}}, [](X x) { return matmul(x[0], transpose(x[0])); }},
    {"matmul", {{3, 2}, {2, 2}}, [](X x) { return matmul(matmul(x[0], x[1]), x[1]); }},
    {"linear", {{5, 3}, {4, 3}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{1, 3}, {4, 3}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{3}, {4, 3}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{2, 3, 4}, {2, 4}, {2}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{5, 3}, {1, 3}, {1}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{5, 1}, {4, 1}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{0, 3}, {4, 3}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{5, 0}, {4, 0}, {4}}, [](X x) { return linear(x[0], x[1], x[2]); }},
    {"linear", {{3, 3}, {3}}, [](X x) { return linear(x[0], x[0], x[1]); }},
    {"linear",
     {{2, 3}, {3, 3}, {3}},
     [](X x) { return linear(linear(x[0], x[1], x[2]), x[1], x[2]); }},
};

const Case kShapes[] = {
    {"transpose", {{2, 3}}, [](X x) { return transpose(x[0]); }},
    {"transpose", {{2, 3, 4}}, [](X x) { return transpose(x[0]); }},
    {"transpose", {{3}}, [](X x) { return transpose(x[0]); }},
    {"transpose", {{}}, [](X x) { return transpose(x[0]); }},
    {"transpose", {{2, 0, 3}}, [](X x) { return transpose(x[0]); }},
    {"reshape",
     {{2, 6}},
     [](X x) {
       return reshape(x[0], {3, 1, 4});
     }},
    {"reshape",
     {{}},
     [](X x) {
       return reshape(x[0], {1, 1});
     }},
    {"reshape",
     {{0, 3}},
     [](X x) {
       return reshape(x[0], {5, 0});
     }},
    {"concatenate", {{1, 3}, {2, 3}, {3, 3}}, [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{2, 1}, {2, 2}, {2, 3}}, [](X x) { return concatenate(x, 1); }},
    {"concatenate", {{2, 2, 1}, {2, 2, 3}, {2, 2, 2}}, [](X x) { return concatenate(x, -1); }},
    {"concatenate", {{2, 1, 2}, {2, 3, 2}, {2, 2, 2}}, [](X x) { return concatenate(x, 1); }},
    {"concatenate", {{2}, {0}, {3}}, [](X x) { return concatenate(x, 0); }},
    {"concatenate",
     {{2, 3}},
     [](X x) {
       return concatenate({x[0], x[0]}, 1);
     }},
    {"concatenate", {{2, 3}}, [](X x) { return concatenate(x, 0); }},
    {"slice", {{5, 3}}, [](X x) { return slice(x[0], 0, 1, 4); }},
    {"slice", {{5, 3}}, [](X x) { return slice(x[0], 1, 2, 3); }},
    {"slice", {{2, 3, 4}}, [](X x) { return slice(x[0], -2, 0, 2); }},
    {"slice", {{5}}, [](X x) { return slice(x[0], 0, 2, 2); }},
    {"slice", {{5}}, [](X x) { return slice(x[0], 0, 0, 3) * slice(x[0], 0, 2, 5); }},
};

Labels labels(std::initializer_list<std::int32_t> values) { return Labels(values); }

const Case kLosses[] = {
    {"softmax", {{2, 3}}, [](X x) { return softmax(x[0]); }},
    {"softmax", {{2, 3}}, [](X x) { return softmax(x[0], 0); }},
    {"softmax", {{2, 3, 4}}, [](X x) { return softmax(x[0], 0); }},
    {"softmax", {{2, 3, 4}}, [](X x) { return softmax(x[0], 1); }},
    {"softmax", {{2, 3, 4}}, [](X x) { return softmax(x[0], -1); }},
    {"softmax", {{37}}, [](X x) { return softmax(x[0]); }},
    {"softmax", {{3, 1}}, [](X x) { return softmax(x[0]); }},
    {"softmax", {{0, 3}}, [](X x) { return softmax(x[0]); }},
    {"softmax", {{3, 0}}, [](X x) { return softmax(x[0]); }},
    {"log_softmax", {{2, 3}}, [](X x) { return log_softmax(x[0]); }},
    {"log_softmax", {{2, 3}}, [](X x) { return log_softmax(x[0], 0); }},
    {"log_softmax", {{2, 3, 4}}, [](X x) { return log_softmax(x[0], 0); }},
    {"log_softmax", {{2, 3, 4}}, [](X x) { return log_softmax(x[0], -2); }},
    {"log_softmax", {{2, 3, 4}}, [](X x) { return log_softmax(x[0], 2); }},
    {"log_softmax", {{37}}, [](X x) { return log_softmax(x[0]); }},
    {"log_softmax", {{3, 1}}, [](X x) { return log_softmax(x[0]); }},
    {"log_softmax", {{0, 3}}, [](X x) { return log_softmax(x[0]); }},
    {"cross_entropy",
     {{3, 4}},
     [](X x) {
       return cross_entropy(x[0], labels({3, 0, 3}));
     }},
    {"cross_entropy", {{1, 10}}, [](X x) { return cross_entropy(x[0], labels({9})); }},
    {"cross_entropy",
     {{2, 1}},
     [](X x) {
       return cross_entropy(x[0], labels({0, 0}));
     }},
    {"mse_loss", {{2, 3}, {2, 3}}, [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{37}, {37}}, [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{}, {}}, [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{2, 3}}, [](X x) { return mse_loss(x[0], x[0]); }},
};

TEST(GradientTableTest, ArithmeticBroadcastsAndItsGradientSumsBack) { check(kArithmetic); }

TEST(GradientTableTest, FunctionsOfOneNumber) { check(kFunctions); }

TEST(GradientTableTest, FunctionsOfOnePositiveNumber) { check(kFunctionsOfPositiveNumbers, true); }

TEST(GradientTableTest, ReductionsOverAllAndAlongEachAxis) { check(kReductions); }

TEST(GradientTableTest, MatrixProductsOfEveryRank) { check(kMatrices); }

TEST(GradientTableTest, ShapesAreTakenApartAndPutTogether) { check(kShapes); }

TEST(GradientTableTest, SoftmaxAlongEachAxisAndLosses) { check(kLosses); }

TEST(GradientTableTest, HasARowForEveryOpOfTheHeader) {
  std::set<std::string> checked;
  const std::span<const Case> tables[] = {kArithmetic, kFunctions, kFunctionsOfPositiveNumbers,
                                          kReductions, kMatrices,  kShapes,
                                          kLosses};
  for (const auto& table : tables) {
    for (const Case& row : table) checked.insert(row.op);
  }
  EXPECT_GE(checked.size(), 28u);
  EXPECT_EQ(checked, test::differentiable_ops());
}

}  // namespace
}  // namespace xgrad
