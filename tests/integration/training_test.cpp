// SPDX-License-Identifier: MIT
// Tests that complete training runs learn, can be repeated bit for bit and leak nothing.
#include <gtest/gtest.h>
#include <xgrad/autograd/testing.hpp>
#include <xgrad/xgrad.hpp>

#include <vector>

namespace xgrad {
namespace {

nn::Sequential make_net(const datasets::Dataset& data, std::size_t hidden, Rng& rng) {
  return nn::Sequential(nn::Linear(data.features(), hidden, rng), nn::ReLU(),
                        nn::Linear(hidden, data.classes(), rng));
}

void train_epoch(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
                 std::vector<Scalar>* losses = nullptr) {
  for (auto& [x, y] : loader) {
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    if (losses != nullptr) losses->push_back(loss.item());
  }
}

/// Trains on the digits with `threads` threads. Returns the loss of every step and the final
/// parameters.
std::pair<std::vector<Scalar>, std::vector<Array>> run(int threads, std::size_t batch_size) {
  const int before = num_threads();
  set_num_threads(threads);
  Rng rng(3);
  const datasets::Dataset data = datasets::digits(datasets::Split::train);
  nn::Sequential model = make_net(data, 300, rng);
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(data, {.batch_size = batch_size, .seed = 3});
  std::vector<Scalar> losses;
  for (int epoch = 0; epoch < 2; ++epoch) train_epoch(model, optimizer, loader, &losses);
  std::vector<Array> parameters;
  for (const Tensor& p : model.parameters()) parameters.push_back(p.value());
  set_num_threads(before);
  return {losses, parameters};
}

TEST(TrainingTest, TheSameSeedGivesTheSameBitsWithOneThreadAndWithTwo) {
  for (const int threads : {1, 2}) {
    for (const std::size_t batch_size : {std::size_t{256}, datasets::full_batch}) {
      EXPECT_EQ(run(threads, batch_size), run(threads, batch_size))
          << threads << " threads, batch " << batch_size;
    }
  }
}

TEST(TrainingTest, NoTensorIsLeftAfterTraining) {
  const std::size_t before = live_tensors();
  run(1, 64);
  EXPECT_EQ(live_tensors(), before);
}

TEST(TrainingTest, EveryOptimizerLearnsTheDigitsAndTheTables) {
  const struct {
    const char* optimizer;
    double lr;
  } rules[] = {{"sgd", 0.3},      {"momentum", 0.05}, {"nag", 0.05},
               {"adagrad", 0.05}, {"rmsprop", 0.003}, {"adam", 0.003}};
  const struct {
    const char* name;
    datasets::Dataset (*load)(datasets::Split);
    int epochs;
    double required;
  } tasks[] = {{"digits", datasets::digits, 15, 0.92},
               {"iris", datasets::iris, 60, 0.9},
               {"wine", datasets::wine, 40, 0.94},
               {"breast_cancer", datasets::breast_cancer, 20, 0.94}};
  for (const auto& task : tasks) {
    const datasets::Dataset train_data = task.load(datasets::Split::train);
    for (const auto& rule : rules) {
      Rng rng(0);
      nn::Sequential model = make_net(train_data, 32, rng);
      const auto optimizer = optim::make(rule.optimizer, model.parameters(), rule.lr);
      datasets::DataLoader loader(train_data, {.batch_size = 32});
      for (int epoch = 0; epoch < task.epochs; ++epoch) train_epoch(model, *optimizer, loader);
      optimizer->eval();
      const double accuracy = train::evaluate(model, task.load(datasets::Split::test)).accuracy;
      EXPECT_GE(accuracy, task.required) << task.name << " with " << rule.optimizer;
    }
  }
}

const std::filesystem::path kMnist = XGRAD_SOURCE_DIR "/datasets/mnist";

TEST(MnistTest, OneEpochOfAdamReaches94Percent) {
  Rng rng(0);
  const datasets::Dataset data = datasets::mnist(kMnist, datasets::Split::train);
  nn::Sequential model = make_net(data, 128, rng);
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(data, {.batch_size = 64});
  train_epoch(model, optimizer, loader);
  const datasets::Dataset test = datasets::mnist(kMnist, datasets::Split::test);
  EXPECT_GE(train::evaluate(model, test).accuracy, 0.94);
}

TEST(MnistTest, FullBatchDescentLowersTheLossAtEveryStep) {
  Rng rng(0);
  const datasets::Dataset data = datasets::mnist(kMnist, datasets::Split::train);
  nn::Sequential model = make_net(data, 128, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  datasets::DataLoader loader(data, {.batch_size = datasets::full_batch});
  std::vector<Scalar> losses;
  for (int step = 0; step < 5; ++step) train_epoch(model, optimizer, loader, &losses);
  for (std::size_t i = 1; i < losses.size(); ++i) EXPECT_LT(losses[i], losses[i - 1]);
}

}  // namespace
}  // namespace xgrad
