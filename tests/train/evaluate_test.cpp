// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/datasets.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/train.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad {
namespace {

/// Returns the logit 1 for class 0 and 0 for all others. Records whether it was called in training
/// mode or with gradients enabled.
struct AlwaysZero : nn::Module {
  Tensor forward(const Tensor& x) override {
    trained = trained || is_training() || grad_enabled();
    Array logits = full({x.shape()[0], classes}, 0);
    for (std::size_t i = 0; i < x.shape()[0]; ++i) logits(i, 0) = 1;
    return Tensor(logits);
  }
  std::size_t classes = 3;
  bool trained = false;
};

TEST(EvaluateTest, ReturnsTheLossTheAccuracyAndItsStandardError) {
  AlwaysZero model;
  const datasets::Dataset iris = datasets::iris(datasets::Split::test);
  const train::Evaluation result = train::evaluate(model, iris);
  EXPECT_EQ(result.count, iris.size());
  EXPECT_NEAR(result.accuracy, 1.0 / 3, 1e-12);
  EXPECT_NEAR(result.accuracy_stderr, std::sqrt(2.0 / 9 / static_cast<double>(iris.size())), 1e-12);
  const double total = std::log(std::exp(1.0) + 2);
  EXPECT_NEAR(result.loss, (total - 1) / 3 + 2 * total / 3, 1e-6);
}

TEST(EvaluateTest, RunsInEvaluationModeWithoutAGraphAndRestoresTheMode) {
  AlwaysZero model;
  train::evaluate(model, datasets::iris(datasets::Split::test));
  EXPECT_FALSE(model.trained);
  EXPECT_TRUE(model.is_training());
  EXPECT_TRUE(grad_enabled());
  model.eval();
  train::evaluate(model, datasets::iris(datasets::Split::test));
  EXPECT_FALSE(model.is_training());
}

TEST(EvaluateTest, RejectsAModelThatReturnsAnotherNumberOfRows) {
  struct Halves : nn::Module {
    Tensor forward(const Tensor& x) override {
      return reshape(x, {x.shape()[0] / 2, 2 * x.shape()[1]});
    }
  } model;
  EXPECT_THROW(train::evaluate(model, datasets::iris(datasets::Split::test)), ShapeError);
}

// Predicts class 0 below 0.5, class 1 below 1.5 and class 2 above. This is correct if the feature
// is the class.
struct Rounds : nn::Module {
  Tensor forward(const Tensor& x) override {
    Array logits = full({x.shape()[0], 3}, 0);
    for (std::size_t i = 0; i < x.shape()[0]; ++i) {
      logits(i, static_cast<std::size_t>(std::lround(x.value()(i, 0)))) = 1;
    }
    return Tensor(logits);
  }
};

TEST(EvaluateTest, ATableWithSomeOfTheClassesMustBeReadLikeTheTrainingData) {
  const datasets::Dataset train = datasets::parse_csv("f,kind\n0,a\n1,b\n2,c\n", "train");
  const std::string text = "f,kind\n1,b\n2,c\n2,c\n";
  Rounds model;
  EXPECT_EQ(train::evaluate(model, train).accuracy, 1);
  EXPECT_EQ(train::evaluate(model, datasets::parse_csv(text, "test", {.like = train})).accuracy, 1);
  std::string message;
  try {
    train::evaluate(model, datasets::parse_csv(text, "test"));
  } catch (const DataError& error) {
    message = error.what();
  }
  EXPECT_EQ(message,
            "[evaluate] the model must have one output for each class, got 3 outputs and 2 "
            "classes; the option like of csv reads a table with the classes of the training data");
  EXPECT_TRUE(model.is_training());
}

TEST(EvaluateTest, AveragesOverRowsNotBatches) {
  AlwaysZero model;
  model.classes = 10;
  const datasets::Dataset digits = datasets::digits(datasets::Split::train);
  const double zeros =
      static_cast<double>(std::count(digits.labels().begin(), digits.labels().end(), 0));
  const double rows = static_cast<double>(digits.size()), total = std::log(std::exp(1.0) + 9);
  const train::Evaluation result = train::evaluate(model, digits);
  EXPECT_DOUBLE_EQ(result.accuracy, zeros / rows);
  EXPECT_NEAR(result.loss, total - zeros / rows, 1e-6);
}

TEST(EvaluateTest, AnotherCriterionIsAveragedOverRows) {
  AlwaysZero model;
  model.classes = 10;
  const datasets::Dataset digits = datasets::digits(datasets::Split::train);
  ASSERT_EQ(digits.size(), 1438u);  // in batches of 512, 512 and 414
  const auto size_of_batch = [](const Tensor&, const Target& y) {
    return Tensor(full({}, static_cast<Scalar>(y.size())));
  };
  const train::Evaluation result = train::evaluate(model, digits, size_of_batch);
  EXPECT_DOUBLE_EQ(result.loss, (512. * 512 + 512 * 512 + 414 * 414) / 1438);
  EXPECT_EQ(result.accuracy, train::evaluate(model, digits).accuracy);
  EXPECT_EQ(result.count, digits.size());
  EXPECT_FALSE(model.trained);
  EXPECT_EQ(train::evaluate(model, digits, nn::SoftmaxCrossEntropy{}).loss,
            train::evaluate(model, digits).loss);
}

TEST(EvaluateTest, WithoutALogitForEachClassTheAccuracyIsUnknown) {
  AlwaysZero model;  // has 3 logits
  const auto zero = [](const Tensor&, const Target&) { return Tensor(zeros({})); };
  const train::Evaluation result =
      train::evaluate(model, datasets::digits(datasets::Split::test), zero);
  EXPECT_TRUE(std::isnan(result.accuracy));
  EXPECT_TRUE(std::isnan(result.accuracy_stderr));
  EXPECT_TRUE(std::isnan(result.r2));
}

// Returns its input.
struct Same : nn::Module {
  Tensor forward(const Tensor& x) override { return x; }
};

// The numbers are those of sklearn.metrics.r2_score, and follow by hand: the errors are 0.5, -0.5,
// 0, 1 and the targets 3, -0.5, 2, 7 with mean 2.875.
TEST(EvaluateTest, TargetsGiveTheCoefficientOfDetermination) {
  Same model;
  Array x{2.5, 0, 2, 8};
  x.reshape({4, 1});
  const train::Evaluation result =
      train::evaluate(model, datasets::Dataset(x, Array{3, -0.5, 2, 7}));
  EXPECT_NEAR(result.r2, 0.9486081370449679, 1e-7);
  EXPECT_NEAR(result.loss, 0.375, 1e-7);
  EXPECT_TRUE(std::isnan(result.accuracy));
  const train::Evaluation other =
      train::evaluate(model, datasets::Dataset(x, Array{3, -0.5, 2, 7}),
                      [](const Tensor& output, const Tensor& y) { return sum(output - y); });
  EXPECT_NEAR(other.r2, result.r2, 0);
  EXPECT_NEAR(other.loss, 1, 1e-6);
}

TEST(EvaluateTest, SeveralTargetsGiveTheMeanOfTheirCoefficients) {
  Same model;
  const Array x{{2.5, 1, 4}, {0, 2, 4}, {2, 3, 4}, {8, 4, 4}};
  const Array y{{3, 1, 4}, {-0.5, 2, 4}, {2, 3, 4}, {7, 4, 4}};
  EXPECT_NEAR(train::evaluate(model, datasets::Dataset(x, y)).r2, (0.9486081370449679 + 2) / 3,
              1e-7);
  const Array wrong{{3, 1, 5}, {-0.5, 2, 5}, {2, 3, 5}, {7, 4, 5}};
  EXPECT_NEAR(train::evaluate(model, datasets::Dataset(x, wrong)).r2, (0.9486081370449679 + 1) / 3,
              1e-7);
}

}  // namespace
}  // namespace xgrad
