// SPDX-License-Identifier: MIT
// Tests of data sets with targets, of images, and of y as the losses take it.
#include <support/tensors.hpp>
#include <xgrad/datasets.hpp>
#include <xgrad/nn.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace xgrad {
namespace {

using datasets::Bytes;
using datasets::DataLoader;
using datasets::Dataset;

/// Returns a data set whose row i is (i, -i) and has the targets (10 i, 10 i + 1).
Dataset numbered_targets(std::size_t rows) {
  Array x = empty({rows, 2}), y = empty({rows, 2});
  for (std::size_t i = 0; i < rows; ++i) {
    x(i, 0) = static_cast<Scalar>(i);
    x(i, 1) = -x(i, 0);
    y(i, 0) = static_cast<Scalar>(10 * i);
    y(i, 1) = y(i, 0) + 1;
  }
  return {std::move(x), std::move(y)};
}

TEST(TargetTest, ALabelTargetConvertsToLabelsOnly) {
  const Target y(Labels{2, 0, 1});
  const Labels& labels = y;
  EXPECT_EQ(labels, (Labels{2, 0, 1}));
  EXPECT_TRUE(y.has_labels());
  EXPECT_EQ(y.size(), 3u);
  EXPECT_EQ(y(0), 2);
  EXPECT_EQ(std::vector<int>(y.begin(), y.end()), (std::vector<int>{2, 0, 1}));
  EXPECT_EQ(test::message_of<DataError>([&] { nn::MSELoss()(Tensor(zeros({3})), y); }),
            "[Target] targets are needed, but the data set holds class labels; use a loss for "
            "labels, such as cross_entropy, or a data set with targets: Dataset(x, targets)");
}

TEST(TargetTest, ATargetOfNumbersConvertsToATensorOnly) {
  const Target y(Tensor(Array{{1, 2}, {3, 4}, {5, 6}}));
  const Tensor& values = y;
  EXPECT_EQ(values.value()(2, 1), 6);
  EXPECT_FALSE(y.has_labels());
  EXPECT_EQ(y.size(), 3u);
  EXPECT_EQ(sum(Tensor(ones({3, 2})) - y).item(), -15);
  EXPECT_EQ(
      test::message_of<DataError>([&] {
        nn::SoftmaxCrossEntropy()(Tensor(zeros({3, 2})), y);
      }),
      "[Target] class labels are needed, but the data set holds targets of shape (3, 2); use a "
      "loss for numbers, such as mse_loss, or a data set with labels: Dataset(x, labels, classes)");
}

TEST(RegressionDataTest, HoldsTargetsAndNoLabels) {
  const Dataset data = numbered_targets(4);
  EXPECT_FALSE(data.has_labels());
  EXPECT_EQ(data.classes(), 0u);
  EXPECT_EQ(data.targets().shape(), (Shape{4, 2}));
  EXPECT_TRUE(data.target_names().empty());
  EXPECT_EQ(test::message_of<DataError>([&] { data.labels(); }),
            "[labels] the data set holds targets, not class labels; use targets()");
  const Dataset labelled(zeros({2, 1}), Labels{0, 1}, 2);
  EXPECT_EQ(test::message_of<DataError>([&] { labelled.targets(); }),
            "[targets] the data set holds class labels, not targets; use labels()");
  std::int32_t label = 7;
  Scalar x[2] = {-1, -1};
  EXPECT_THROW(data.gather(std::vector<std::size_t>{1}, x, &label), DataError);
  EXPECT_EQ(x[0], -1);
}

TEST(RegressionDataTest, TargetsOfOneAxisBecomeAColumn) {
  const Dataset data(zeros({3, 2}), Array{1, 2, 3});
  EXPECT_EQ(data.targets().shape(), (Shape{3, 1}));
  DataLoader loader(data, {.batch_size = 3});
  EXPECT_EQ(loader.begin()->y.values().shape(), (Shape{3, 1}));
}

TEST(RegressionDataTest, TheLoaderKeepsRowsAndTargetsTogether) {
  for (const std::size_t size : {std::size_t{4}, datasets::full_batch}) {
    DataLoader loader(numbered_targets(10), {.batch_size = size, .seed = 3});
    std::vector<datasets::Batch> kept;
    std::vector<int> rows;
    for (auto& [x, y] : loader) kept.push_back({x, y});
    for (const auto& [x, y] : kept) {
      EXPECT_EQ(y.values().shape(), (Shape{x.shape()[0], 2}));
      for (std::size_t i = 0; i < y.size(); ++i) {
        rows.push_back(static_cast<int>(x.value()(i, 0)));
        EXPECT_EQ(y.values().value()(i, 0), 10 * x.value()(i, 0));
        EXPECT_EQ(y.values().value()(i, 1), 10 * x.value()(i, 0) + 1);
      }
    }
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  }
}

TEST(RegressionDataTest, SplitsAndSubsetsKeepTheTargetsOfTheRows) {
  const auto [rest, test] = stratified_split(numbered_targets(10), 0.3, 1);
  EXPECT_EQ(rest.size(), 7u);
  EXPECT_EQ(test.size(), 3u);
  for (const Dataset& part : {rest, test}) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      EXPECT_EQ(part.targets()(i, 0), 10 * part.gather_all()(i, 0));
    }
  }
}

TEST(RegressionDataTest, RejectsTargetsThatAreNotFiniteOrHaveAnotherShape) {
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  EXPECT_EQ(test::message_of<DataError>([&] {
              Dataset(zeros({2, 1}), Array{1, nan});
            }),
            "[Dataset] the targets of row 1 must be finite, got nan");
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              Dataset(zeros({2, 1}), Array{1, 2, 3});
            }),
            "[Dataset] targets must have the shape (rows) or (rows, targets), here with 2 rows, "
            "got (3, 1)");
  EXPECT_THROW(Dataset(zeros({2, 1}), zeros({2, 1, 1})), ShapeError);
  EXPECT_THROW(Dataset(zeros({2, 1}), zeros({2, 0})), ShapeError);
  EXPECT_THROW(Dataset(datasets::Table{{1, 2}, 1}, Array{1, 2}, {"a", "b"}), ShapeError);
  static_assert(!std::is_constructible_v<Dataset, Array, Labels>);
  static_assert(!std::is_constructible_v<Dataset, Bytes, Labels&>);
}

TEST(ImageDataTest, BatchesHaveTheShapeOfTheRows) {
  Array x = empty({5, 2, 3, 4});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(i);
  const Dataset data(x, Labels{0, 0, 0, 0, 0}, 1);
  EXPECT_EQ(data.row_shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(data.features(), 24u);
  EXPECT_EQ(data.gather_all(), x);
  EXPECT_EQ(data.subset(std::vector<std::size_t>{3, 1}).gather_all()(0, 1, 2, 3), x(3, 1, 2, 3));
  DataLoader loader(data, {.batch_size = 2, .shuffle = false});
  EXPECT_EQ(loader.begin()->x.shape(), (Shape{2, 2, 3, 4}));
  DataLoader whole(data, {.batch_size = datasets::full_batch});
  EXPECT_EQ(whole.begin()->x.value(), x);
}

TEST(ImageDataTest, BytesHaveTheShapeOfOneRow) {
  const Dataset data(Bytes{{0, 1, 2, 3, 4, 5, 6, 7}, {1, 2, 2}, 1}, Labels{0, 1}, 2);
  EXPECT_EQ(data.gather_all().shape(), (Shape{2, 1, 2, 2}));
  EXPECT_EQ(data.gather_all()(1, 0, 1, 0), 6);
  EXPECT_EQ(Dataset(Bytes{{0, 1, 2, 3}, {2}, 1}, Array{1, 2}).gather_all().shape(), (Shape{2, 2}));
}

TEST(ImageDataTest, RowsCanBeReshaped) {
  const Dataset flat(Bytes{{0, 1, 2, 3, 4, 5, 6, 7}, 4, 1}, Labels{0, 1}, 2);
  EXPECT_EQ(flat.reshaped({1, 2, 2}).gather_all().shape(), (Shape{2, 1, 2, 2}));
  EXPECT_EQ(flat.reshaped({1, 2, 2}).reshaped(4).gather_all(), flat.gather_all());
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              flat.reshaped({2, 3});
            }),
            "[reshaped] the shape of a row must have 4 elements, got (2, 3)");
}

TEST(ImageDataTest, ALinearLayerReadsEachImageAsAVector) {
  const datasets::Dataset digits = datasets::digits(datasets::Split::test);
  EXPECT_EQ(digits.row_shape(), (Shape{1, 8, 8}));
  Rng rng(0);
  nn::Linear layer(64, 10, rng);
  const Tensor images(digits.gather_all(), true), vectors(reshape(images, {digits.size(), 64}));
  const Tensor y = layer(images), expected = layer(vectors);
  EXPECT_EQ(y.shape(), (Shape{digits.size(), 10}));
  EXPECT_EQ(y.value(), expected.value());
  const std::vector<Tensor> inputs{layer.weight, layer.bias, images};
  EXPECT_EQ(gradients(sum(y * y), inputs), gradients(sum(expected * expected), inputs));
}

template <class Numbers>
concept CanBeViewed = requires(Numbers&& x) {
  Dataset::view(std::forward<Numbers>(x), 4, Array{});
};

TEST(DatasetViewTest, ATemporaryVectorOrArrayDoesNotCompile) {
  EXPECT_TRUE(CanBeViewed<std::vector<Scalar>&>);
  EXPECT_TRUE(CanBeViewed<const std::vector<Scalar>&>);
  EXPECT_TRUE(CanBeViewed<std::span<const Scalar>>);
  EXPECT_TRUE(CanBeViewed<Array&>);
  EXPECT_FALSE(CanBeViewed<std::vector<Scalar>>);
  EXPECT_FALSE(CanBeViewed<Array>);
}

TEST(DatasetViewTest, ReadsTheNumbersOfTheCaller) {
  std::vector<Scalar> x{1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<std::int32_t> y{0, 1};
  const Dataset data = Dataset::view(x, {1, 2, 2}, labels_from(y), 2);
  EXPECT_EQ(data.labels(), (Labels{0, 1}));
  x[4] = 50;
  EXPECT_EQ(data.gather_all()(1, 0, 0, 0), 50);
  const Dataset owned = data.subset(std::vector<std::size_t>{1});
  x[4] = 0;
  EXPECT_EQ(owned.gather_all()(0, 0, 0, 0), 50);
  EXPECT_EQ(Dataset::view(x, 4, Array{1, 2}).targets()(1, 0), 2);
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              Dataset::view(x, 3, Array{1, 2});
            }),
            "[Dataset] x must contain whole rows of 3 features, got 8 numbers");
}

}  // namespace
}  // namespace xgrad
