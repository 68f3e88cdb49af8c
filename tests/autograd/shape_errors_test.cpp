// SPDX-License-Identifier: MIT
// Errors for wrong shapes: one line that starts with the op and contains the shapes.
#include <xgrad/autograd.hpp>
#include <xgrad/autograd/testing.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace xgrad {
namespace {

using test::message_of;

using X = const std::vector<Tensor>&;

struct Mismatch {
  const char* op;
  std::vector<std::vector<std::size_t>> shapes;  // the message must contain all of them
  std::function<Tensor(X)> call;
};

const Mismatch kMismatches[] = {
    {"add", {{2, 3}, {4}}, [](X x) { return x[0] + x[1]; }},
    {"add", {{2, 3}, {3, 2}}, [](X x) { return x[0] + x[1]; }},
    {"add", {{0, 3}, {2, 3}}, [](X x) { return x[0] + x[1]; }},
    {"sub", {{2, 3}, {4}}, [](X x) { return x[0] - x[1]; }},
    {"mul", {{2, 3}, {4}}, [](X x) { return x[0] * x[1]; }},
    {"div", {{2, 3}, {4}}, [](X x) { return x[0] / x[1]; }},
    {"maximum", {{2, 3}, {2}}, [](X x) { return maximum(x[0], x[1]); }},
    {"minimum", {{5, 1, 3}, {2, 2}}, [](X x) { return minimum(x[0], x[1]); }},
    {"matmul", {{2, 3}, {2, 3}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 3}, {4, 5}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{3}, {2, 3}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{3}, {4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{}, {4}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 3}, {1, 4, 2}}, [](X x) { return matmul(x[0], x[1]); }},
    {"matmul", {{2, 4, 3}, {5, 3, 2}}, [](X x) { return matmul(x[0], x[1]); }},
    {"where", {{2, 3}, {4}}, [](X x) { return where(ones({}), x[0], x[1]); }},
    {"permute", {{2, 3}}, [](X x) { return permute(x[0], {1}); }},
    {"squeeze", {{2, 3}}, [](X x) { return squeeze(x[0], 0); }},
    {"stack", {{2, 3}, {3, 2}}, [](X x) { return stack(x, 0); }},
    {"gather", {{2, 3}}, [](X x) { return gather(x[0], 0, {1}); }},
    {"l1_loss", {{2, 3}, {3}}, [](X x) { return l1_loss(x[0], x[1]); }},
    {"huber_loss", {{0, 3}}, [](X x) { return huber_loss(x[0], x[0]); }},
    {"binary_cross_entropy_with_logits",
     {{2, 3}, {3}},
     [](X x) { return binary_cross_entropy_with_logits(x[0], x[1]); }},
    {"min",
     {{2, 0}},
     [](X x) {
       return min(x[0], {0, 1});
     }},
    {"var", {{1, 3}}, [](X x) { return var(x[0], 0); }},
    {"argmin", {{2, 0}}, [](X x) { return argmin(x[0], 1), x[0]; }},
    {"linear", {{5, 3}, {4, 2}}, [](X x) { return linear(x[0], x[1], Tensor(zeros({4}))); }},
    {"linear", {{}, {4, 2}}, [](X x) { return linear(x[0], x[1], Tensor(zeros({4}))); }},
    {"linear", {{5, 3}, {3}}, [](X x) { return linear(x[0], x[1], Tensor(zeros({3}))); }},
    {"linear",
     {{4, 3}, {3}},
     [](X x) {
       return linear(Tensor(zeros({5, 3})), x[0], x[1]);
     }},
    {"linear", {{4, 3}, {1, 4}}, [](X x) { return linear(Tensor(zeros({3})), x[0], x[1]); }},
    {"linear", {{4, 3}, {}}, [](X x) { return linear(Tensor(zeros({3})), x[0], x[1]); }},
    {"reshape", {{2, 3}, {4, 2}}, [](X x) { return reshape(x[0], x[1].shape()); }},
    {"reshape", {{2, 3}, {}}, [](X x) { return reshape(x[0], x[1].shape()); }},
    {"concatenate", {{2, 3}, {2, 4}}, [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{2, 3}, {3}}, [](X x) { return concatenate(x, 0); }},
    {"concatenate", {{2, 3}, {2, 3, 1}}, [](X x) { return concatenate(x, -1); }},
    {"slice", {{2, 3}}, [](X x) { return slice(x[0], 1, 2, 4); }},
    {"slice", {{2, 3}}, [](X x) { return slice(x[0], 0, 2, 1); }},
    {"mse_loss", {{2, 3}, {3}}, [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{4, 1}, {4}}, [](X x) { return mse_loss(x[0], x[1]); }},
    {"mse_loss", {{0, 3}}, [](X x) { return mse_loss(x[0], x[0]); }},
    {"cross_entropy",
     {{2, 3}},
     [](X x) {
       return cross_entropy(x[0], {0, 1, 2});
     }},
    {"cross_entropy",
     {{3}},
     [](X x) {
       return cross_entropy(x[0], {0, 1, 2});
     }},
    {"cross_entropy", {{0, 3}}, [](X x) { return cross_entropy(x[0], Labels()); }},
    {"mean", {{0, 3}}, [](X x) { return mean(x[0]); }},
    {"mean", {{0, 3}}, [](X x) { return mean(x[0], 0); }},
    {"max", {{0, 3}}, [](X x) { return max(x[0]); }},
    {"max", {{2, 0}}, [](X x) { return max(x[0], -1); }},
    {"argmax", {{2, 0}}, [](X x) { return argmax(x[0], 1), x[0]; }},
};

TEST(ShapeErrorTest, EveryOpNamesItselfAndAllShapesInOneLine) {
  for (const Mismatch& row : kMismatches) {
    std::vector<Tensor> x;
    for (const auto& extents : row.shapes) {
      x.emplace_back(full(Shape(extents.begin(), extents.end()), 1), true);
    }
    const std::size_t before = live_tensors();
    const std::string message = message_of<ShapeError>([&] { row.call(x); });
    EXPECT_EQ(message.find("[" + std::string(row.op) + "] "), 0u) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const Tensor& t : x) {
      EXPECT_NE(message.find(to_string(t.shape())), std::string::npos) << message;
    }
    EXPECT_EQ(live_tensors(), before) << message;
  }
}

struct Axis {
  const char* op;
  std::function<Tensor(const Tensor&, std::ptrdiff_t)> call;
};

const Axis kAxes[] = {
    {"sum", [](const Tensor& x, std::ptrdiff_t axis) { return sum(x, axis); }},
    {"mean", [](const Tensor& x, std::ptrdiff_t axis) { return mean(x, axis); }},
    {"max", [](const Tensor& x, std::ptrdiff_t axis) { return max(x, axis); }},
    {"argmax", [](const Tensor& x, std::ptrdiff_t axis) { return argmax(x, axis), x; }},
    {"min", [](const Tensor& x, std::ptrdiff_t axis) { return min(x, axis); }},
    {"var", [](const Tensor& x, std::ptrdiff_t axis) { return var(x, axis, 0); }},
    {"argmin", [](const Tensor& x, std::ptrdiff_t axis) { return argmin(x, axis), x; }},
    {"transpose", [](const Tensor& x, std::ptrdiff_t axis) { return transpose(x, axis, axis); }},
    {"index_select",
     [](const Tensor& x, std::ptrdiff_t axis) { return index_select(x, axis, Indices{0}); }},
    {"gather",
     [](const Tensor& x, std::ptrdiff_t axis) {
       return gather(x, axis, Indices{{0, 0}});
     }},
    {"softmax", [](const Tensor& x, std::ptrdiff_t axis) { return softmax(x, axis); }},
    {"log_softmax", [](const Tensor& x, std::ptrdiff_t axis) { return log_softmax(x, axis); }},
    {"concatenate", [](const Tensor& x, std::ptrdiff_t axis) { return concatenate({x}, axis); }},
    {"slice", [](const Tensor& x, std::ptrdiff_t axis) { return slice(x, axis, 0, 1); }},
};

TEST(ShapeErrorTest, AnAxisThatDoesNotExistIsRefused) {
  for (const Axis& row : kAxes) {
    const Tensor matrix = test::leaf({2, 3}, {1, 2, 3, 4, 5, 6}), number = test::leaf(1);
    const std::string op = "[" + std::string(row.op) + "] axis ";
    EXPECT_EQ(message_of<ShapeError>([&] { row.call(matrix, 2); }),
              op + "2 is outside a tensor of 2 dimensions");
    EXPECT_EQ(message_of<ShapeError>([&] { row.call(matrix, -3); }),
              op + "-3 is outside a tensor of 2 dimensions");
    EXPECT_EQ(message_of<ShapeError>([&] { row.call(number, 0); }),
              op + "0 is outside a tensor of 0 dimensions");
    EXPECT_NO_THROW(row.call(matrix, 1));
    EXPECT_NO_THROW(row.call(matrix, -2));
  }
}

TEST(ShapeErrorTest, MatmulSuggestsATranspose) {
  const Tensor a(zeros({32, 784})), b(zeros({128, 784}));
  EXPECT_EQ(
      message_of<ShapeError>([&] { matmul(a, b); }),
      "[matmul] inner dimensions differ: (32, 784) x (128, 784); transpose the right operand?");
}

TEST(ShapeErrorTest, ConcatenateNeedsATensor) {
  EXPECT_EQ(message_of<ShapeError>([] { concatenate({}, 0); }),
            "[concatenate] at least one tensor is needed");
}

TEST(ShapeErrorTest, AShapeTooLargeForMemoryIsRefused) {
  const std::size_t big = std::size_t{1} << 31;
  EXPECT_EQ(message_of<ShapeError>([&] {
              reshape(Tensor(), {big, big});
            }),
            "[shape] (2147483648, 2147483648) has more elements than memory can hold");
}

TEST(LabelErrorTest, TheErrorContainsTheLabelOutsideTheClassesAndItsRow) {
  const Tensor logits = test::leaf({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(message_of<DataError>([&] {
              cross_entropy(logits, {0, 3});
            }),
            "[cross_entropy] label 3 in row 1 is outside [0, 3)");
  EXPECT_EQ(message_of<DataError>([&] {
              gather(logits, 1, Indices{{0, 0}, {3, 0}});
            }),
            "[gather] index 3 at position 2 is outside [0, 3)");
  EXPECT_EQ(message_of<DataError>([&] {
              index_select(logits, 0, {1, -1});
            }),
            "[index_select] index -1 at position 1 is outside [0, 2)");
  EXPECT_EQ(message_of<DataError>([] {
              one_hot({0, 3}, 3);
            }),
            "[one_hot] index 3 at position 1 is outside [0, 3)");
  EXPECT_EQ(message_of<DataError>([&] {
              cross_entropy(logits, {-1, 0});
            }),
            "[cross_entropy] label -1 in row 0 is outside [0, 3)");
}

TEST(LabelErrorTest, OptionsOfCrossEntropyThatDoNotFitAreRefused) {
  const Tensor logits = test::leaf({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto message = [&](const CrossEntropyOptions& options) {
    return message_of<Error>([&] { cross_entropy(logits, {0, 1}, options); });
  };
  EXPECT_EQ(message({.class_weights = {1, 2}}),
            "[cross_entropy] class_weights must have one weight for each of the 3 classes, got 2");
  EXPECT_EQ(message({.class_weights = {1, 2, -1}}).find("[cross_entropy] class_weights must"), 0u);
  EXPECT_EQ(message({.label_smoothing = 1}).find("[cross_entropy] label_smoothing must"), 0u);
  EXPECT_EQ(message({.class_weights = {0, 0, 1}}),
            "[cross_entropy] the class weights of all labels of the batch are 0");
}

}  // namespace
}  // namespace xgrad
