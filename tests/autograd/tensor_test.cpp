// SPDX-License-Identifier: MIT
// How tensors are created, read, printed and rebound.
#include <xgrad/autograd.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <type_traits>

namespace xgrad {
namespace {

using test::leaf;
using test::message_of;

TEST(TensorCreationTest, BracesContainTheNumbers) {
  EXPECT_EQ((Tensor{5, 1}).value(), (Array{5, 1}));
  EXPECT_EQ((Tensor{5}).shape(), (Shape{1}));
  EXPECT_EQ((Tensor{1, 2.5, 3}).value(), (Array{1, 2.5, 3}));
  EXPECT_FALSE((Tensor{5, 1}).requires_grad());
  EXPECT_EQ((Tensor{{1, 2, 3}, {4, 5, 6}}).value(), (Array{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ((Tensor{{7}, {8}}).shape(), (Shape{2, 1}));
  EXPECT_EQ((Tensor{{7}}).shape(), (Shape{1, 1}));
  EXPECT_EQ((Tensor{}).shape(), (Shape{}));
  EXPECT_EQ(message_of<ShapeError>([] {
              Tensor{{1, 2}, {3}};
            }),
            "[Tensor] all rows must have the same length, got 2 and 1");
}

TEST(TensorCreationTest, ParenthesesContainAnArrayOrANumber) {
  EXPECT_EQ(Tensor(5).shape(), (Shape{}));
  EXPECT_EQ(Tensor(2.5).item(), Scalar{2.5});
  EXPECT_TRUE(Tensor(Array{1, 2}, true).requires_grad());
  EXPECT_EQ((Tensor{Array{1, 2}, true}).shape(), (Shape{2}));
  EXPECT_EQ((Tensor{ones({2, 3})}).shape(), (Shape{2, 3}));
  const Tensor x(2 * Array{1, 2});
  EXPECT_EQ(x.value(), (Array{2, 4}));
}

TEST(TensorCreationTest, ExtentsInParenthesesDoNotCompile) {
  static_assert(!std::is_constructible_v<Tensor, int, int>);
  static_assert(!std::is_constructible_v<Tensor, double, double>);
  static_assert(!std::is_constructible_v<Tensor, Array, std::size_t>);
  static_assert(std::is_constructible_v<Tensor, int, bool>);
}

TEST(TensorCreationTest, FromCopiesASpanInRowMajorOrder) {
  const std::vector<Scalar> values{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(Tensor::from(values, {2, 3}).value(), (Array{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(Tensor::from({}, {0, 3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(message_of<ShapeError>([&] {
              Tensor::from(values, {2, 2});
            }),
            "[from] (2, 2) needs 4 values, got 6");
}

TEST(ElementTest, AtCountsAllAxes) {
  const Tensor x{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(x.at(1, 0), 4);
  EXPECT_EQ(x.at(-1, -1), 6);
  EXPECT_EQ(Tensor(7).at(), 7);
  EXPECT_EQ(message_of<ShapeError>([&] { x.at(1); }),
            "[at] a tensor of shape (2, 3) needs 2 indices, got 1");
  EXPECT_EQ(message_of<ShapeError>([&] { x.at(0, 3); }),
            "[at] index 3 is outside axis 1 of extent 3");
  EXPECT_EQ(message_of<ShapeError>([&] { x.at(-3, 0); }),
            "[at] index -3 is outside axis 0 of extent 2");
}

TEST(ElementTest, BracketsReturnARowWithItsGradient) {
  const Tensor x = leaf({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(x[1].value(), (Array{4, 5, 6}));
  EXPECT_EQ(x[-2].value(), (Array{1, 2, 3}));
  EXPECT_EQ(x[1][2].item(), 6);
  sum(x[1] * x[0]).backward();
  EXPECT_EQ(x.grad(), (Array{{4, 5, 6}, {1, 2, 3}}));
  EXPECT_EQ(message_of<ShapeError>([&] { x[2]; }),
            "[operator[]] index 2 is outside axis 0 of extent 2");
  EXPECT_EQ(message_of<ShapeError>([] { Tensor(1)[0]; }),
            "[operator[]] the tensor must have at least one axis, got ()");
}

TEST(RebindTest, AssignmentsRebindTheHandle) {
  const Tensor leaf_x = leaf({2}, {1, 2});
  Tensor x = leaf_x;
  x += leaf_x;
  x -= 1;
  x *= Array{10, 10};
  x /= leaf_x;
  EXPECT_EQ(x.value(), (Array{10, 15}));
  EXPECT_EQ(leaf_x.value(), (Array{1, 2}));
  sum(x).backward();  // 10 (2 x - 1) / x has the derivative 10 / x^2
  EXPECT_EQ(leaf_x.grad(), (Array{10, 2.5}));
}

TEST(RebindTest, ALossMayBeAddedUpInALoop) {
  const Tensor x = leaf(3);
  Tensor total = 0;
  for (int i = 0; i < 4; ++i) total += x * i;
  total.backward();
  EXPECT_EQ(x.grad(), Array(6));
}

std::string printed(const Tensor& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

TEST(PrintTest, ATensorIsPrintedWithItsShape) {
  EXPECT_EQ(printed(Tensor{{1, 2.5}, {-3, 4}}),
            "{{ 1. ,  2.5},\n {-3. ,  4. }}\nshape (2, 2), requires_grad false");
  EXPECT_EQ(printed(leaf(2)), " 2.\nshape (), requires_grad true");
  EXPECT_EQ(printed(zeros({0, 3})), "{}\nshape (0, 3), requires_grad false");
  EXPECT_LT(printed(zeros({1000, 1000})).size(), 2000u);
}

TEST(DotTest, TheGraphHasABoxForEachOpAndNamedLeaf) {
  const Tensor w = leaf({2, 3}, {1, 2, 3, 4, 5, 6}), x(ones({3}));
  const Tensor loss = sum(square(matmul(w, x)) * w[0][0]);
  const std::string dot = to_dot(sum(w * w), {{"layer.weight", w}});
  EXPECT_EQ(dot,
            "digraph {\n"
            "  node [shape=box];\n"
            "  n0 [label=\"sum\\n()\"];\n"
            "  n1 [label=\"mul\\n(2, 3)\"];\n"
            "  n2 [label=\"layer.weight\\n(2, 3)\", style=filled];\n"
            "  n1 -> n0;\n"
            "  n2 -> n1;\n"
            "  n2 -> n1;\n"
            "}\n");
  EXPECT_NE(to_dot(loss).find("leaf\\n(2, 3)"), std::string::npos);
  EXPECT_EQ(to_dot(x).find("->"), std::string::npos);
}

TEST(DotTest, AGraphThatBackwardHasFreedIsRefused) {
  const Tensor w = leaf({2}, {1, 2}), y = square(w), loss = sum(y);
  loss.backward();
  const std::string message =
      "[to_dot] the tensor must have its graph, but backward() has freed it; call to_dot() before "
      "backward()";
  EXPECT_EQ(message_of<Error>([&] { to_dot(loss); }), message);
  EXPECT_EQ(message_of<Error>([&] { to_dot(2 * y); }), message);
}

TEST(DotTest, GraphOfListsEachTensorOnce) {
  const Tensor w = leaf({2}, {1, 2}), x(Array{3, 4}), y = w * x, loss = sum(y * y * w);
  const std::vector<Tensor> found = graph_of(loss);
  EXPECT_TRUE(found[0].is_same(loss));
  EXPECT_EQ(found.size(), 5u);  // loss, y * y * w, y * y, y, w
  EXPECT_EQ(std::count_if(found.begin(), found.end(), [&](auto& t) { return t.is_same(w); }), 1);
  EXPECT_EQ(std::count_if(found.begin(), found.end(), [&](auto& t) { return t.is_same(y); }), 1);
  EXPECT_EQ(graph_of(x).size(), 1u);
}

TEST(GatherTest, AColumnOfLabelsChoosesOneElementOfEachRow) {
  const Labels chosen{2, 0};
  Indices column = chosen;
  column.reshape({2, 1});
  const Tensor y = gather(Tensor{{1, 2, 3}, {4, 5, 6}}, 1, column);
  EXPECT_EQ(y.value(), (Tensor{{3}, {4}}).value());
}

TEST(WhereTest, MasksOfArraysAreTheOp) {
  const Tensor x = leaf({3}, {-1, 2, -3});
  const Array mask{1, 0, 0};
  Array mutable_mask = mask;
  static_assert(std::is_same_v<decltype(where(x.value() > 0, x, 0.0)), Tensor>);
  EXPECT_EQ(where(x.value() > 0, x, 0.0).value(), (Array{0, 2, 0}));
  EXPECT_EQ(where(mask, 5, x).value(), (Array{5, 2, -3}));
  EXPECT_EQ(where(mutable_mask, x, Array{7, 8, 9}).value(), (Array{-1, 8, 9}));
  EXPECT_EQ(gradients(sum(where(x.value() > 0, x * x, -x)), {x})[0], (Array{-1, 4, -1}));
}

}  // namespace
}  // namespace xgrad
