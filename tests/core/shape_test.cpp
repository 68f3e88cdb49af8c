// SPDX-License-Identifier: MIT
#include "support/tensors.hpp"

#include <gtest/gtest.h>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/shape.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad {
namespace {

using test::message_of;

std::string broadcast_message(const Shape& a, const Shape& b) {
  return message_of<ShapeError>([&] { broadcast_shape("add", a, b); });
}

TEST(ShapeTest, IsPrintedAsNumPyPrintsIt) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{5}), "(5,)");
  EXPECT_EQ(to_string(Shape{32, 784}), "(32, 784)");
  EXPECT_EQ(to_string(Shape{0, 1, 2, 3, 4}), "(0, 1, 2, 3, 4)");
}

TEST(ShapeTest, ElementCountIsTheProductOfTheExtents) {
  EXPECT_EQ(element_count({}), 1u);
  EXPECT_EQ(element_count({7}), 7u);
  EXPECT_EQ(element_count({2, 3, 4}), 24u);
  EXPECT_EQ(element_count({2, 0, 4}), 0u);
}

TEST(ShapeTest, ElementCountThrowsIfTheElementsCannotFitInMemory) {
  const std::size_t large = std::size_t{1} << 32;
  EXPECT_EQ(element_count({large, 1u << 20}), large << 20);
  EXPECT_EQ(message_of<ShapeError>([&] {
              element_count({large, large});
            }),
            "[shape] (4294967296, 4294967296) has more elements than memory can hold");
  EXPECT_THROW(element_count({large, large, large}), ShapeError);
}

TEST(ShapeTest, BroadcastFollowsNumPy) {
  EXPECT_EQ(broadcast_shape("add", {2, 3}, {2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shape("add", {2, 3}, {3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shape("add", {3}, {2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shape("add", {2, 1}, {1, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shape("add", {}, {2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shape("add", {}, {}), (Shape{}));
  EXPECT_EQ(broadcast_shape("add", {4, 1, 5}, {3, 1}), (Shape{4, 3, 5}));
}

TEST(ShapeTest, AnExtentOfOneStretchesToZero) {
  EXPECT_EQ(broadcast_shape("add", {0, 3}, {1, 3}), (Shape{0, 3}));
  EXPECT_EQ(broadcast_shape("add", {1}, {0}), (Shape{0}));
}

TEST(ShapeTest, BroadcastNamesTheOpAndBothShapes) {
  EXPECT_EQ(broadcast_message({2, 3}, {4}),
            "[add] shapes do not broadcast: (2, 3) and (4,); extents must be equal or 1, from the "
            "last axis");
  EXPECT_NE(broadcast_message({0}, {2}), "nothing thrown");
  EXPECT_NE(broadcast_message({2, 3}, {2}), "nothing thrown");
}

TEST(ShapeTest, BroadcastsToIsOneSided) {
  EXPECT_TRUE(broadcasts_to({3}, {2, 3}));
  EXPECT_TRUE(broadcasts_to({}, {2, 3}));
  EXPECT_TRUE(broadcasts_to({2, 1}, {2, 3}));
  EXPECT_TRUE(broadcasts_to({2, 3}, {2, 3}));
  EXPECT_FALSE(broadcasts_to({2, 3}, {3}));
  EXPECT_FALSE(broadcasts_to({2, 3}, {2, 1}));
  EXPECT_FALSE(broadcasts_to({1, 3}, {3}));
}

TEST(ShapeTest, NegativeAxesCountFromTheEnd) {
  EXPECT_EQ(normalize_axis("sum", 0, 3), 0u);
  EXPECT_EQ(normalize_axis("sum", 2, 3), 2u);
  EXPECT_EQ(normalize_axis("sum", -1, 3), 2u);
  EXPECT_EQ(normalize_axis("sum", -3, 3), 0u);
}

TEST(ShapeTest, AnAxisOutOfRangeThrows) {
  EXPECT_EQ(message_of<ShapeError>([] { normalize_axis("sum", 3, 3); }),
            "[sum] axis 3 is outside a tensor of 3 dimensions");
  EXPECT_THROW(normalize_axis("sum", -4, 3), ShapeError);
  EXPECT_THROW(normalize_axis("sum", 0, 0), ShapeError);
}

TEST(ShapeTest, ViewAroundAnAxisSplitsTheElements) {
  const AxisView view = view_around({2, 3, 4, 5}, 1);
  EXPECT_EQ(view.outer, 2u);
  EXPECT_EQ(view.extent, 3u);
  EXPECT_EQ(view.inner, 20u);
  EXPECT_EQ(view_around({7}, 0).outer, 1u);
  EXPECT_EQ(view_around({7}, 0).inner, 1u);
}

TEST(ShapeTest, ReducedShapeDropsOrKeepsTheAxis) {
  EXPECT_EQ(reduced_shape({2, 3, 4}, 1, false), (Shape{2, 4}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, 1, true), (Shape{2, 1, 4}));
  EXPECT_EQ(reduced_shape({5}, 0, false), (Shape{}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, Shape{2, 0}, false), (Shape{3}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, Shape{2, 0}, true), (Shape{1, 3, 1}));
}

TEST(AxesTest, NegativeAxesCountFromTheEnd) {
  EXPECT_EQ(Axes(1).positions("sum", 3), (Shape{1}));
  EXPECT_EQ((Axes{-1, 0}).positions("sum", 3), (Shape{2, 0}));
  const std::vector<std::ptrdiff_t> axes{0, -1};
  EXPECT_EQ(Axes(axes).positions("sum", 2), (Shape{0, 1}));
  static_assert(!std::is_convertible_v<double, Axes> && !std::is_convertible_v<bool, Axes>);
}

TEST(AxesTest, AxesThatAreWrongAreRefused) {
  EXPECT_EQ(message_of<ShapeError>([] { Axes(3).positions("sum", 3); }),
            "[sum] axis 3 is outside a tensor of 3 dimensions");
  EXPECT_EQ(message_of<ShapeError>([] {
              Axes({1, -2}).positions("sum", 3);
            }),
            "[sum] axis 1 is given twice");
  EXPECT_EQ(message_of<ShapeError>([] { Axes(std::vector<std::ptrdiff_t>{}).positions("sum", 3); }),
            "[sum] at least one axis is needed");
}

TEST(CreationTest, ArraysHaveTheNumbersOfTheirNames) {
  EXPECT_EQ(arange(4), (Array{0, 1, 2, 3}));
  EXPECT_EQ(arange(0).shape(), (Shape{0}));
  EXPECT_EQ(eye(3), (Array{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  EXPECT_EQ(eye(0).shape(), (Shape{0, 0}));
  EXPECT_EQ(ones({2}), (Array{1, 1}));
  EXPECT_EQ(full({1, 2}, 3), (Array{{3, 3}}));
}

TEST(ShapeTest, RequireSameShapeNamesBoth) {
  EXPECT_NO_THROW(require_same_shape("mse_loss", {2, 3}, {2, 3}));
  EXPECT_EQ(message_of<ShapeError>([] {
              require_same_shape("mse_loss", {2, 3}, {3, 2});
            }),
            "[mse_loss] shapes differ: (2, 3) and (3, 2)");
  EXPECT_THROW(require_same_shape("mse_loss", {3}, {1, 3}), ShapeError);
}

}  // namespace
}  // namespace xgrad
