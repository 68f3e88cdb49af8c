// SPDX-License-Identifier: MIT
// Nets and losses in extreme cases: huge logits, one class, ten thousand classes, layers and inputs
// of width one, batches of one row and of no rows.
#include <support/tensors.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace xgrad {
namespace {

using test::message_of;
using test::numbers;

constexpr auto kEpsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());

/// The mean cross-entropy loss in long double and its gradient.
struct Exact {
  Exact(const Array& logits, const Labels& labels) {
    const std::size_t rows = logits.shape()[0], cols = logits.shape()[1];
    for (std::size_t i = 0; i < rows; ++i) {
      const Scalar* const x = logits.data() + i * cols;
      const auto label = static_cast<std::size_t>(labels(i));
      const long double most = *std::max_element(x, x + cols);
      long double total = 0;
      for (std::size_t j = 0; j < cols; ++j) total += std::exp(x[j] - most);
      loss += (std::log(total) - (x[label] - most)) / static_cast<long double>(rows);
      for (std::size_t j = 0; j < cols; ++j) {
        const long double p = std::exp(x[j] - most) / total - (j == label ? 1 : 0);
        grad.push_back(static_cast<double>(p / static_cast<long double>(rows)));
      }
    }
  }
  long double loss = 0;
  std::vector<double> grad;
};

void expect_exact(const Array& values, const Labels& labels) {
  const Tensor logits(values, true);
  const Tensor loss = cross_entropy(logits, labels);
  const Exact exact(values, labels);
  const auto want = static_cast<double>(exact.loss);
  EXPECT_NEAR(static_cast<double>(loss.item()), want, 4 * kEpsilon * (1 + want));
  loss.backward();
  const std::vector<double> grad = numbers(logits.grad());
  for (std::size_t i = 0; i < grad.size(); ++i) EXPECT_NEAR(grad[i], exact.grad[i], 8 * kEpsilon);
}

TEST(ExtremeLogitsTest, LogitsOfPlusMinus10000EqualLongDouble) {
  expect_exact(test::array({3, 3}, {1e4, -1e4, 0, -1e4, 1e4, 1e4, -1e4, -1e4, -1e4}), {1, 1, 2});
  expect_exact(test::array({2, 2}, {1e4, -1e4, -1e4, 1e4}), {0, 1});
  expect_exact(test::array({1, 4}, {1e4, 1e4 - 1, 1e4 - 2, -1e4}), {3});
}

TEST(ExtremeLogitsTest, EqualLogitsGiveTheLogarithmOfTheNumberOfClasses) {
  for (const double value : {0.0, 1e4, -1e4, 1e-30}) {
    for (const std::size_t classes : {1u, 2u, 10u, 1000u}) {
      expect_exact(full({3, classes}, static_cast<Scalar>(value)), {0, 0, 0});
    }
  }
}

TEST(ExtremeLogitsTest, RandomLogitsEqualLongDouble) {
  Rng rng(3);
  for (const double scale : {1e-3, 1.0, 30.0, 1e4}) {
    for (const std::size_t rows : {1u, 7u, 1500u}) {
      Labels labels = Labels::from_shape({rows});
      for (std::int32_t& label : labels) label = static_cast<std::int32_t>(rng.below(10));
      expect_exact(rng.normal({rows, 10}, 0, scale), labels);
    }
  }
}

TEST(ExtremeLogitsTest, WithOneClassTheLossAndTheGradientAreZero) {
  const Tensor logits = test::leaf({3, 1}, {1e4, -3, 0});
  const Tensor loss = cross_entropy(logits, {0, 0, 0});
  EXPECT_EQ(loss.item(), 0);
  loss.backward();
  EXPECT_EQ(numbers(logits.grad()), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(numbers(softmax(logits).value()), (std::vector<double>{1, 1, 1}));
}

/// Trains 20 steps with SGD on one batch. Expects a lower loss and finite parameters.
void expect_to_train(nn::Module& model, const Tensor& x, const Labels& y, double lr) {
  optim::SGD optimizer(model.parameters(), {.lr = lr});
  double first = 0, last = 0;
  for (int step = 0; step < 20; ++step) {
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(x), y);
    last = static_cast<double>(loss.item());
    if (step == 0) first = last;
    loss.backward();
    optimizer.step();
  }
  EXPECT_LT(last, first);
  for (const Tensor& p : model.parameters()) {
    for (const double value : numbers(p.value())) ASSERT_TRUE(std::isfinite(value));
  }
}

TEST(ExtremeNetTest, TenThousandClassesTrain) {
  Rng rng(0);
  nn::Sequential model(nn::Linear(5, 8, rng), nn::Tanh(), nn::Linear(8, 10000, rng));
  const Tensor x(rng.normal({4, 5}));
  const Tensor loss = cross_entropy(model(x), {0, 9999, 5000, 1});
  EXPECT_NEAR(static_cast<double>(loss.item()), std::log(1e4), 0.5);
  expect_to_train(model, x, {0, 9999, 5000, 1}, 1);
}

TEST(ExtremeNetTest, LayersOfWidthOneTrainOnOneFeature) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(1, 1, rng), nn::Tanh(), nn::Linear(1, 1, rng), nn::Sigmoid(),
                       nn::Linear(1, 2, rng));
  expect_to_train(model, Tensor(test::array({4, 1}, {-2, -1, 1, 2})), {0, 0, 1, 1}, 0.5);
}

TEST(ExtremeNetTest, EveryUpdateRuleFitsOneRowOfOneFeatureInOneClass) {
  const datasets::Dataset data(test::array({1, 1}, {3}), Labels{0}, 1);
  for (const std::string& rule : optim::names()) {
    Rng rng(4);
    nn::Sequential model(nn::Linear(1, 1, rng));
    const auto optimizer = optim::make(rule, model.parameters());
    datasets::DataLoader loader(data);
    const train::History history =
        train::fit(model, *optimizer, loader, {.epochs = 3, .validation = data});
    ASSERT_EQ(history.size(), 3u) << rule;
    EXPECT_EQ(history.back().train_loss, 0) << rule;
    EXPECT_EQ(history.back().validation->accuracy, 1) << rule;
    EXPECT_EQ(history.back().validation->accuracy_stderr, 0) << rule;
  }
}

TEST(ExtremeNetTest, ABatchOfOneGivesTheFirstRowOfALargerBatch) {
  Rng rng(2);
  nn::Sequential model(nn::Linear(6, 9, rng), nn::ReLU(), nn::Linear(9, 3, rng));
  const Tensor two(rng.normal({2, 6}));
  const std::vector<double> all = numbers(model(two).value());
  const std::vector<double> one = numbers(model(slice(two, 0, 0, 1)).value());
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(one[j], all[j], 8 * kEpsilon);
  expect_to_train(model, slice(two, 0, 0, 1), {2}, 0.1);
}

TEST(ExtremeNetTest, LossesRejectAnEmptyBatch) {
  Rng rng(0);
  nn::Sequential model(nn::Linear(4, 3, rng));
  const Tensor none(zeros({0, 4}));
  EXPECT_EQ(model(none).shape(), (Shape{0, 3}));
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(model(none), Labels()); }),
            "[cross_entropy] the batch is empty: the logits are (0, 3)");
  EXPECT_EQ(message_of<ShapeError>([&] { mse_loss(model(none), model(none)); }),
            "[mse_loss] nothing to average: the shape is (0, 3)");
}

TEST(ExtremeNetTest, AnEmptyDatasetAndABatchSizeOfZeroAreRejected) {
  EXPECT_EQ(message_of<ShapeError>([] {
              datasets::Dataset(zeros({0, 4}), Labels(), 3);
            }),
            "[Dataset] at least one row and one feature are needed, got (0, 4)");
  EXPECT_EQ(message_of<OptionError>([] {
              datasets::DataLoader(datasets::iris(datasets::Split::test), {.batch_size = 0});
            }),
            "[DataLoader] batch_size must be at least 1, got 0; full_batch puts all rows into one "
            "batch");
}

TEST(ExtremeGradientTest, DenormalGradientsAreNeitherLostNorInfinite) {
  const Scalar tiny = std::numeric_limits<Scalar>::denorm_min() * 1000;
  const Tensor x = test::leaf({3}, {1, 2, 3});
  sum(x * 3).backward(full({}, tiny));
  for (const double g : numbers(x.grad())) EXPECT_EQ(g, 3 * static_cast<double>(tiny));
  const Tensor weight = test::leaf({2, 2}, {1, 2, 3, 4});
  const Tensor y = linear(test::leaf({2, 2}, {1, 1, 1, 1}), weight, test::leaf({2}, {0, 0}));
  y.backward(full({2, 2}, tiny));
  for (const double g : numbers(weight.grad())) EXPECT_EQ(g, 2 * static_cast<double>(tiny));
  EXPECT_GT(optim::clip_grad_norm({x, weight}, 1), 0);
}

}  // namespace
}  // namespace xgrad
