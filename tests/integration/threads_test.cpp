// SPDX-License-Identifier: MIT
// One library in several threads of one program.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include <thread>
#include <vector>

namespace xgrad {
namespace {

/// Calls work(i) in `count` threads at once.
template <class Work>
void in_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

nn::Sequential make_net(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential(nn::Linear(64, 100, rng), nn::ReLU(), nn::Linear(100, 10, rng));
}

std::vector<Array> trained(std::uint64_t seed) {
  nn::Sequential model = make_net(seed);
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.seed = seed});
  for (auto& [x, y] : loader) {
    optimizer.zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer.step();
  }
  std::vector<Array> parameters;
  for (const Tensor& p : model.parameters()) parameters.push_back(p.value());
  return parameters;
}

TEST(ThreadsTest, EightThreadsPredictWithOneModelWhatOneThreadPredicts) {
  nn::Sequential model = make_net(0);
  model.eval();
  const datasets::Dataset data = datasets::digits(datasets::Split::test);
  const double alone = train::evaluate(model, data).loss;
  std::vector<double> together(8);
  in_threads(
      8, [&](int i) { together[static_cast<std::size_t>(i)] = train::evaluate(model, data).loss; });
  for (const double loss : together) EXPECT_EQ(loss, alone);
}

TEST(ThreadsTest, ModelsTrainedSideBySideGetTheBitsTheyGetAlone) {
  const std::vector<Array> alone[] = {trained(1), trained(2)};
  std::vector<Array> together[2];
  in_threads(2, [&](int i) { together[i] = trained(static_cast<std::uint64_t>(i) + 1); });
  EXPECT_EQ(together[0], alone[0]);
  EXPECT_EQ(together[1], alone[1]);
}

TEST(ThreadsTest, TheNumberOfThreadsMayChangeWhileAnotherThreadTrains) {
  const int before = num_threads();
  std::vector<Array> result;
  in_threads(2, [&](int i) {
    if (i == 0) {
      result = trained(3);
    } else {
      for (int k = 0; k < 1000; ++k) set_num_threads(1 + k % 3);
    }
  });
  set_num_threads(before);
  EXPECT_EQ(result.size(), 4u);
  EXPECT_EQ(num_threads(), before);
}

}  // namespace
}  // namespace xgrad
