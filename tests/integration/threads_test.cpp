// SPDX-License-Identifier: MIT
// Uses the library from several threads of one program.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "core/threads.hpp"

namespace xgrad {
namespace {

/// Calls work(i) in `count` threads concurrently.
template <class Work>
void in_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

/// Returns a net that is wide enough for products and updates of 256 rows to be split over threads.
nn::Sequential make_net(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential(nn::Linear(64, 1100, rng), nn::ReLU(), nn::Linear(1100, 10, rng));
}

/// Returns the parameters after three steps.
std::vector<Array> trained(const std::string& rule, std::uint64_t seed,
                           std::size_t batch_size = 256) {
  nn::Sequential model = make_net(seed);
  const auto optimizer = optim::make(rule, model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train),
                              {.batch_size = batch_size, .seed = seed});
  for (auto& [x, y] : loader) {
    optimizer->zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer->step();
    if (optimizer->step_count() == 3) break;
  }
  std::vector<Array> parameters;
  for (const Tensor& p : model.parameters()) parameters.push_back(p.value());
  return parameters;
}

TEST(ThreadsTest, EightThreadsWithOneModelPredictTheSameAsOneThread) {
  for (const int threads : {1, 2}) {
    const test::Threads scope(threads);
    nn::Sequential model = make_net(0);
    model.eval();
    const datasets::Dataset data = datasets::digits(datasets::Split::test);
    const double alone = train::evaluate(model, data).loss;
    std::vector<double> together(8);
    in_threads(8, [&](int i) {
      double& loss = together[static_cast<std::size_t>(i)];
      for (int times = 0; times < 5; ++times) loss += train::evaluate(model, data).loss;
    });
    double five_times = 0;
    for (int times = 0; times < 5; ++times) five_times += alone;
    for (const double loss : together) EXPECT_EQ(loss, five_times);
  }
}

TEST(ThreadsTest, ModelsTrainedConcurrentlyGetTheSameBitsAsAlone) {
  for (const int threads : {1, 2}) {
    const test::Threads scope(threads);
    for (const std::string& rule : optim::names()) {
      const std::vector<Array> alone[] = {trained(rule, 1), trained(rule, 2)};
      std::vector<Array> together[4];  // seeds 1, 2, 1, 2
      in_threads(
          4, [&](int i) { together[i] = trained(rule, static_cast<std::uint64_t>(i % 2) + 1); });
      for (int i = 0; i < 4; ++i) EXPECT_EQ(together[i], alone[i % 2]) << rule;
    }
  }
}

/// Returns the losses and accuracies of three epochs of fit().
std::vector<double> fitted(const datasets::Dataset& data, std::uint64_t seed) {
  nn::Sequential model = make_net(seed);
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(data, {.batch_size = 256, .seed = seed});
  train::BestWeights best;
  std::vector<double> numbers;
  for (const train::EpochRecord& epoch :
       train::fit(model, optimizer, loader,
                  {.epochs = 3, .validation_fraction = 0.2, .callbacks = {&best}})) {
    numbers.insert(numbers.end(), {epoch.train_loss, epoch.validation->accuracy});
  }
  return numbers;
}

TEST(ThreadsTest, ConcurrentFitsOnOneDatasetGetTheSameBitsAsAlone) {
  const datasets::Dataset data = datasets::digits(datasets::Split::train);
  for (const int threads : {1, 2}) {
    const test::Threads scope(threads);
    const std::vector<double> alone[] = {fitted(data, 1), fitted(data, 2)};
    std::vector<double> together[4];  // seeds 1, 2, 1, 2
    in_threads(4,
               [&](int i) { together[i] = fitted(data, static_cast<std::uint64_t>(i % 2) + 1); });
    for (int i = 0; i < 4; ++i) EXPECT_EQ(together[i], alone[i % 2]);
  }
}

// For a single sample, the gradient of a weight is stored as two factors. The first thread that
// reads it multiplies them.
TEST(ThreadsTest, ClippingThatChangesNothingMayRunWhileOtherThreadsReadGradients) {
  for (int round = 0; round < 50; ++round) {
    Rng rng(7);
    nn::Linear layer(8, 3, rng);
    cross_entropy(layer(Tensor(ones({1, 8}))), Labels{1}).backward();
    std::vector<double> norms(4);
    in_threads(4, [&](int i) {
      norms[static_cast<std::size_t>(i)] =
          i % 2 == 0
              ? optim::clip_grad_norm(layer.parameters(), 1e6)
              : std::sqrt(static_cast<double>(sum(pow(Tensor(layer.weight.grad()), 2)).item() +
                                              sum(pow(Tensor(layer.bias.grad()), 2)).item()));
    });
    for (const double norm : norms) EXPECT_NEAR(norm, norms[0], 1e-5);
    EXPECT_GT(norms[0], 0.1);
  }
}

// Each product and update uses the number of threads that is set when it starts, so results differ
// in the last bits.
TEST(ThreadsTest, TheNumberOfThreadsMayChangeWhileAnotherThreadTrains) {
  const test::Threads scope(1);
  const std::vector<Array> alone = trained("adam", 3);
  std::vector<Array> result;
  std::atomic<bool> done{false};
  std::thread changer([&] {
    for (int k = 0; !done; ++k) set_num_threads(1 + k % 3);
  });
  result = trained("adam", 3);
  done = true;
  changer.join();
  ASSERT_EQ(result.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (std::size_t k = 0; k < alone[i].size(); ++k) {
      ASSERT_NEAR(result[i].data()[k], alone[i].data()[k], 1e-3);
    }
  }
}

}  // namespace
}  // namespace xgrad
