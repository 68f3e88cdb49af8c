// SPDX-License-Identifier: MIT
// Tests that a thousand epochs need no more memory than the first hundred.
#include <support/sanitizers.hpp>

#include <gtest/gtest.h>
#include <xgrad/autograd/testing.hpp>
#include <xgrad/xgrad.hpp>

#include <chrono>
#include <fstream>
#include <string>

namespace xgrad {
namespace {

#if defined(XGRAD_TEST_ASAN) || defined(XGRAD_TEST_TSAN) || !defined(__linux__)
constexpr bool kCountsMemory = false;  // sanitizers keep freed memory for a while
#else
constexpr bool kCountsMemory = true;
#endif

/// Returns the resident memory of this process in KiB.
long resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
  }
  return 0;
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TEST(DriftTest, AThousandEpochsNeedNoMoreMemoryThanTheFirst) {
  Rng rng(0);
  nn::Sequential model(nn::Linear(64, 12, rng), nn::ReLU(), nn::Dropout(0.1, rng),
                       nn::Linear(12, 10, rng));
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 200});
  std::size_t live = 0;
  long memory = 0;
  double begin = 0, early = 0, late = 0;
  for (int epoch = 1; epoch <= 1000; ++epoch) {
    if (epoch == 101 || epoch == 901) begin = seconds();
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
    if (epoch == 100) live = live_tensors();
    if (epoch == 100) memory = resident();
    if (epoch == 200) early = seconds() - begin;
    if (epoch == 1000) late = seconds() - begin;
    if (epoch > 100) {
      ASSERT_EQ(live_tensors(), live) << "epoch " << epoch;
    }
  }
  if (kCountsMemory) {
    EXPECT_LE(resident() - memory, 1024) << "KiB since epoch 100";
  }
  RecordProperty("kib_since_epoch_100", std::to_string(resident() - memory));
  // No test depends on time. These values are only recorded, for --gtest_output=xml.
  RecordProperty("seconds_of_epochs_101_to_200", format_number(early));
  RecordProperty("seconds_of_epochs_901_to_1000", format_number(late));
}

}  // namespace
}  // namespace xgrad
