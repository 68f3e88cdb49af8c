// SPDX-License-Identifier: MIT
// Tests predictions and the confusion matrix.
#include <support/tensors.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace xgrad::test {
namespace {

/// Returns x, and notes the sizes of the batches and whether it was called in training mode or with
/// gradients enabled.
struct Echo : nn::Module {
  Tensor forward(const Tensor& x) override {
    trained = trained || is_training() || grad_enabled();
    batches.push_back(x.shape()[0]);
    return x;
  }
  bool trained = false;
  std::vector<std::size_t> batches;
};

TEST(PredictTest, ReturnsTheOutputsOfAllRowsInOrder) {
  Echo model;
  const datasets::Dataset digits = datasets::digits(datasets::Split::train);
  const Tensor x(digits.gather_all());
  EXPECT_TRUE(same_bits(train::predict(model, digits).value(), x.value()));
  EXPECT_EQ(model.batches, (std::vector<std::size_t>{512, 512, 414}));
  EXPECT_TRUE(same_bits(train::predict(model, x).value(), x.value()));
  EXPECT_EQ(model.batches, (std::vector<std::size_t>{512, 512, 414, 512, 512, 414}));
  EXPECT_FALSE(model.trained);
  EXPECT_TRUE(model.is_training());
  EXPECT_TRUE(grad_enabled());
}

TEST(PredictTest, OneRowNoRowAndMoreAxesAreAccepted) {
  Echo model;
  EXPECT_EQ(train::predict(model, array({1, 3}, {1, 2, 3})).value(), array({1, 3}, {1, 2, 3}));
  EXPECT_EQ(train::predict(model, zeros({0, 3})).shape(), (Shape{0, 3}));
  const Array images = Rng(1).normal({600, 2, 3, 4});
  EXPECT_TRUE(same_bits(train::predict(model, images).value(), images));
  Rng rng(0);
  nn::Sequential net{nn::Linear(3, 2, rng), nn::Dropout(0.5, rng)};
  const Tensor output = train::predict(net, array({1, 3}, {1, 2, 3}));
  EXPECT_FALSE(output.requires_grad());
  net.eval();
  EXPECT_TRUE(same_bits(output.value(), net(array({1, 3}, {1, 2, 3})).value()));
}

TEST(PredictTest, NumbersOfTheCallerAreReadDuringTheCallOnly) {
  Echo model;
  const Array images = Rng(1).normal({600, 2, 3});
  std::vector<Scalar> numbers(images.begin(), images.end());
  const Tensor output = train::predict(model, numbers, {2, 3});
  std::fill(numbers.begin(), numbers.end(), Scalar{0});
  EXPECT_TRUE(same_bits(output.value(), images));
  EXPECT_EQ(model.batches, (std::vector<std::size_t>{512, 88}));
  EXPECT_EQ(train::predict(model, std::span<const Scalar>(), 4).shape(), (Shape{0, 4}));
  EXPECT_EQ(message_of<ShapeError>([&] {
              train::predict(model, numbers, {7, 11});
            }),
            "[predict] x must contain whole rows of shape (7, 11), got 3600 numbers");
}

TEST(PredictTest, TheTransformOfTheTrainingIsApplied) {
  Echo model;
  const datasets::Dataset data(array({2, 1}, {3, 7}), Labels{0, 1}, 2);
  const datasets::Transform normalize = datasets::normalize(1, 2);
  EXPECT_EQ(train::predict(model, data, normalize).value(), array({2, 1}, {1, 3}));
  struct First : nn::Module {  // class 1 if the feature is above 2
    Tensor forward(const Tensor& x) override { return concatenate({2 - x, x - 2}, 1); }
  } first;
  EXPECT_EQ(train::confusion_matrix(first, data).counts[0][1], 1u);
  EXPECT_EQ(train::confusion_matrix(first, data, normalize).counts[0][0], 1u);
}

TEST(PredictTest, AModelThatReturnsAnotherNumberOfRowsIsRejected) {
  struct Halves : nn::Module {
    Tensor forward(const Tensor& x) override { return reshape(x, {x.shape()[0] / 2, 8}); }
  } model;
  EXPECT_EQ(
      message_of<ShapeError>([&] { train::predict(model, datasets::iris(datasets::Split::test)); }),
      "[predict] the model must return one output row for each row, got shape (15, 8) for 30 "
      "rows; the first axis of x must be that of the rows");
  Rng rng(0);
  nn::Linear linear(5, 3, rng);
  EXPECT_EQ(message_of<ShapeError>([&] { train::predict(linear, zeros({5})); }),
            "[predict] the model must return one output row for each row, got shape (3,) for 5 "
            "rows; the first axis of x must be that of the rows");
  EXPECT_EQ(message_of<ShapeError>([&] { train::predict(model, Tensor()); }),
            "[predict] x must have at least one axis, got shape ()");
  EXPECT_TRUE(model.is_training());
}

TEST(PredictTest, AModelWhoseRowsAreNotOfOneSizeIsRejected) {
  struct Growing : nn::Module {
    std::size_t size = 1;
    Tensor forward(const Tensor& x) override { return Tensor(zeros({x.shape()[0], size++})); }
  } model;
  const Tensor x(zeros({train::kEvaluationBatch + 2, 1}));
  EXPECT_EQ(message_of<ShapeError>([&] { train::predict(model, x); }),
            "[predict] the model must return one output row for each row, got shape (2, 2) for 2 "
            "rows; the first axis of x must be that of the rows");
}

/// Returns logits whose largest is that of the class in the first feature.
struct Rounds : nn::Module {
  Tensor forward(const Tensor& x) override {
    Array logits = zeros({x.shape()[0], 3});
    for (std::size_t i = 0; i < x.shape()[0]; ++i) {
      logits(i, static_cast<std::size_t>(x.value()(i, 0))) = 1;
    }
    return Tensor(logits);
  }
};

// Eight rows: five of class a (three predicted as a, one as b, one as c), three of class b (two
// predicted as a, one as b), none of class c.
datasets::Dataset eight_rows() {
  return {array({8, 1}, {0, 0, 0, 1, 2, 0, 0, 1}), Labels{0, 0, 0, 0, 0, 1, 1, 1},
          std::vector<std::string>{"a", "b", "a long name"}};
}

TEST(ConfusionMatrixTest, CountsRowsByLabelAndPrediction) {
  Rounds model;
  const train::ConfusionMatrix matrix = train::confusion_matrix(model, eight_rows());
  EXPECT_EQ(matrix.class_names, (std::vector<std::string>{"a", "b", "a long name"}));
  EXPECT_EQ(matrix.counts,
            (std::vector<std::vector<std::size_t>>{{3, 1, 1}, {2, 1, 0}, {0, 0, 0}}));
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 4.0 / 8);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), train::evaluate(model, eight_rows()).accuracy);
}

TEST(ConfusionMatrixTest, PrecisionRecallAndF1PerClass) {
  Rounds model;
  const train::ConfusionMatrix matrix = train::confusion_matrix(model, eight_rows());
  const double precision[] = {3.0 / 5, 1.0 / 2, 0}, recall[] = {3.0 / 5, 1.0 / 3, 0};
  const double f1[] = {3.0 / 5, 2.0 / 5, 0};
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_DOUBLE_EQ(matrix.precision(c), precision[c]);
    EXPECT_DOUBLE_EQ(matrix.recall(c), recall[c]);
    EXPECT_DOUBLE_EQ(matrix.f1(c), f1[c]);
  }
  EXPECT_EQ(message_of<OptionError>([&] { matrix.recall(3); }),
            "[ConfusionMatrix] the class must be below the number of classes, 3, got 3");
}

TEST(ConfusionMatrixTest, PrintsOneLinePerLabel) {
  Rounds model;
  std::ostringstream out;
  out << train::confusion_matrix(model, eight_rows());
  EXPECT_EQ(
      out.str(),
      "                       a            b  a long name  precision     recall         f1\n"
      "          a            3            1            1     0.6000     0.6000     0.6000\n"
      "          b            2            1            0     0.5000     0.3333     0.4000\n"
      "a long name            0            0            0     0.0000     0.0000     0.0000\n");
}

TEST(ConfusionMatrixTest, AModelWithAnotherNumberOfOutputsIsRejected) {
  Rounds model;
  const datasets::Dataset two({zeros({1, 1}), Labels{0}, 2});
  EXPECT_EQ(message_of<DataError>([&] { train::confusion_matrix(model, two); }),
            "[confusion_matrix] the model must have one output for each of the 2 classes, got "
            "outputs of shape (1, 3)");
}

}  // namespace
}  // namespace xgrad::test
