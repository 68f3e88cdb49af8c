// SPDX-License-Identifier: MIT
// An application that embeds xgrad and logs with spdlog. It trains a classifier in a background
// thread. Two other threads use the latest classifier at the same time. When it is accurate enough,
// the application stops the training. Exits with 1 if the accuracy is never reached.
#include "trainer.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

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
  // xgrad logs to the logger that is registered under the name "xgrad". This program uses it, too.
  const auto logger = spdlog::stdout_logger_mt("xgrad");
  logger->set_pattern("%l: %v");
  logger->set_level(spdlog::level::debug);
  Trainer trainer(1000);

  std::array<double, 2> accuracy{};
  std::thread first([&] { accuracy[0] = use(trainer); });
  std::thread second([&] { accuracy[1] = use(trainer); });
  first.join();
  second.join();
  trainer.stop();  // in a GUI, a button would call this
  try {
    trainer.wait();
  } catch (const Error& error) {
    logger->error("training failed: {}", error.what());
    return 1;
  }
  logger->info("two threads saw accuracies of {:.3f} and {:.3f}", accuracy[0], accuracy[1]);
  return accuracy[0] >= kGoodEnough && accuracy[1] >= kGoodEnough ? 0 : 1;
}
