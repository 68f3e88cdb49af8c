// SPDX-License-Identifier: MIT
// An application that embeds xgrad. It trains a classifier in a background thread and prints a log.
// Two other threads use the latest classifier at the same time. When it is accurate enough, the
// application stops the training. Exits with 1 if the accuracy is never reached.
#include "trainer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

using namespace xgrad;

namespace {

constexpr double kGoodEnough = 0.93;

/// Classifies the test images with the latest classifier again and again, until the accuracy is at
/// least kGoodEnough or training has ended. Returns the best accuracy.
double use(const Trainer& trainer) {
  const datasets::Dataset test = datasets::digits(datasets::Split::test);
  const Tensor images(test.gather_all());
  double best = 0;
  while (best < kGoodEnough && trainer.is_running()) {
    const std::shared_ptr<Classifier> classifier = trainer.latest();
    if (classifier == nullptr) {
      std::this_thread::yield();
      continue;
    }
    const Indices digits = classifier->classify(images);
    std::size_t right = 0;
    for (std::size_t i = 0; i < test.size(); ++i) right += digits(i) == test.labels()(i);
    best = std::max(best, static_cast<double>(right) / static_cast<double>(test.size()));
  }
  return best;
}

}  // namespace

int main() {
  set_num_threads(1);  // this program uses its own threads
  Trainer trainer(1000, [](const std::string& line) { std::printf("log: %s\n", line.c_str()); });

  std::array<double, 2> accuracy{};
  std::thread first([&] { accuracy[0] = use(trainer); });
  std::thread second([&] { accuracy[1] = use(trainer); });
  first.join();
  second.join();
  trainer.stop();  // in a GUI, a button would call this
  try {
    trainer.wait();
  } catch (const Error& error) {
    std::fprintf(stderr, "training failed: %s\n", error.what());
    return 1;
  }
  std::printf("two threads saw accuracies of %.3f and %.3f\n", accuracy[0], accuracy[1]);
  return accuracy[0] >= kGoodEnough && accuracy[1] >= kGoodEnough ? 0 : 1;
}
