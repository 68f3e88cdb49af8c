// SPDX-License-Identifier: MIT
// Tests in double that steps of several batches equal steps of larger batches.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// A net without Dropout, which would draw other numbers for the rows of a larger batch.
struct Smooth {
  explicit Smooth(const std::string& rule, const datasets::DataLoaderOptions& options)
      : model(nn::Linear(4, 6, rng), nn::Tanh(), nn::Linear(6, 3, rng)),
        optimizer(optim::make(rule, model.parameters(), 0.02)),
        loader(datasets::iris(datasets::Split::train), options) {}
  Rng rng{3};
  nn::Sequential model;
  std::unique_ptr<optim::Optimizer> optimizer;
  datasets::DataLoader loader;
};

class AccumulateTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AccumulateTest, AStepOfFourBatchesEqualsAStepOfALargerBatch) {
  // 120 rows in steps of 28: four full steps, and a last step of 8 rows from batches of 7 and 1.
  for (const bool drop_last : {false, true}) {
    Smooth large(GetParam(), {.batch_size = 28, .seed = 7, .drop_last = drop_last});
    Smooth small(GetParam(), {.batch_size = 7, .seed = 7, .drop_last = drop_last});
    train::FitOptions options{.epochs = 3, .validation = iris_test(), .clip_norm = 0.3};
    options.schedule = optim::linear_warmup(3, optim::cosine(0.05, 20, 1e-3));
    const train::History wanted = train::fit(large.model, *large.optimizer, large.loader, options);
    options.accumulate = 4;
    const train::History found = train::fit(small.model, *small.optimizer, small.loader, options);
    EXPECT_EQ(small.optimizer->step_count(), drop_last ? 12u : 15u);
    EXPECT_EQ(small.optimizer->step_count(), large.optimizer->step_count());
    EXPECT_EQ(small.optimizer->learning_rate(), large.optimizer->learning_rate());
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      EXPECT_NEAR(found[epoch].train_loss, wanted[epoch].train_loss, 1e-12);
      EXPECT_NEAR(found[epoch].validation->loss, wanted[epoch].validation->loss, 1e-12);
    }
    const std::vector<Array> a = values_of(small.model), b = values_of(large.model);
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < a[i].size(); ++j) {
        EXPECT_NEAR(a[i].data()[j], b[i].data()[j], 1e-12) << i << " " << j;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, AccumulateTest, ::testing::ValuesIn(optim::names()),
                         [](const auto& rule) { return rule.param; });

TEST(AveragedWeightsF64Test, EqualsTheFormulaWithBiasCorrectionAfterEachStep) {
  constexpr double decay = 0.9;
  for (const std::string& rule : optim::names()) {
    Training run(rule);
    train::AveragedWeights average(decay);
    std::vector<Array> a;  // a <- decay a + (1 - decay) theta
    for (const Array& value : values_of(run.model)) a.push_back(zeros(value.shape()));
    double largest = 0, power = 1;
    AfterStep compare([&](train::Run&) {
      power *= decay;
      run.optimizer->eval();
      const std::vector<Array> theta = values_of(run.model);
      run.optimizer->train();
      for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a[i].size(); ++j) {
          double& sum = a[i].data()[j];
          sum = decay * sum + (1 - decay) * theta[i].data()[j];
          const double found = average.average().values[i].data()[j];
          largest = std::max(largest, std::abs(found - sum / (1 - power)));
        }
      }
    });
    train::fit(run.model, *run.optimizer, run.loader,
               {.epochs = 3, .callbacks = {&average, &compare}});
    EXPECT_LT(largest, 1e-14) << rule;
    EXPECT_EQ(average.average().steps, 24u);
  }
}

}  // namespace
}  // namespace xgrad::test
