// SPDX-License-Identifier: MIT
// Runs for longer than a test: `soak load SECONDS` predicts in eight threads with one convolutional
// model while a ninth trains another, and `soak lenet EPOCHS` trains with every callback. Prints
// the memory and the times at the beginning and at the end. Exits with 1 if a bit differs from that
// of one thread.
#include <xgrad/xgrad.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace xgrad;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Returns the resident memory of this process in KiB.
long resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

datasets::Dataset digit_images(datasets::Split split) {
  return datasets::digits(split).reshaped({1, 8, 8});
}

/// LeNet for images of 8 x 8 pixels, with batch normalization and dropout.
nn::Sequential make_net(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential(nn::Conv2d(1, 6, 3, rng, {.padding = 1}), nn::BatchNorm2d(6), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Conv2d(6, 16, 3, rng, {.padding = 1}), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Flatten(), nn::Linear(64, 32, rng), nn::ReLU(),
                        nn::Dropout(0.2, rng), nn::Linear(32, 10, rng));
}

std::vector<Array> values_after_an_epoch(const datasets::Dataset& data) {
  nn::Sequential model = make_net(2);
  optim::Adam adam(model.parameters());
  datasets::DataLoader loader(data, {.batch_size = 32});
  train::fit(model, adam, loader, {.epochs = 1});
  std::vector<Array> values;
  for (const auto& [name, tensor] : model.named_state()) values.push_back(tensor.value());
  return values;
}

int load(double limit) {
  const datasets::Dataset test = digit_images(datasets::Split::test);
  const datasets::Dataset training = digit_images(datasets::Split::train);
  nn::Sequential model = make_net(1);
  model.eval();
  const Array expected = train::predict(model, test).value();
  const std::vector<Array> trained = values_after_an_epoch(training);
  const auto begin = Clock::now();
  std::atomic<long> predictions{0}, epochs{0}, differences{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (; seconds_since(begin) < limit; ++predictions) {
        if (train::predict(model, test).value() != expected) ++differences;
      }
    });
  }
  threads.emplace_back([&] {
    for (; seconds_since(begin) < limit; ++epochs) {
      if (values_after_an_epoch(training) != trained) ++differences;
    }
  });
  std::this_thread::sleep_for(std::chrono::duration<double>(limit / 10));
  const long early = resident();
  std::this_thread::sleep_for(std::chrono::duration<double>(limit * 0.85));
  const long late = resident();
  for (std::thread& thread : threads) thread.join();
  std::printf(
      "%.0f s: %ld predictions of %zu rows in eight threads, %ld epochs in a ninth, %ld "
      "with other bits; %ld KiB after a tenth of the time, %ld KiB at the end\n",
      limit, predictions.load(), test.size(), epochs.load(), differences.load(), early, late);
  return differences == 0 ? 0 : 1;
}

/// Notes the memory and the time of the epochs, with their validation and their callbacks.
struct Observer : train::Callback {
  void on_epoch(train::Run& run) override {
    const std::size_t part = (run.progress.epoch - 1) * 10 / run.epochs;  // tenths of the run
    seconds[part] += seconds_since(begin);
    begin = Clock::now();
    memory[part] = resident();
  }
  Clock::time_point begin = Clock::now();
  std::array<double, 10> seconds{};
  std::array<long, 10> memory{};
};

int lenet(std::uint64_t epochs) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("xgrad-soak-" + std::to_string(Clock::now().time_since_epoch().count()));
  std::filesystem::create_directory(folder);
  nn::Sequential model = make_net(1);
  optim::NAG nag(model.parameters(), {.lr = 1e-2});
  datasets::DataLoader loader(digit_images(datasets::Split::train),
                              {.batch_size = 64, .transform = datasets::shift(1)});
  std::ofstream nowhere("/dev/null");
  train::ProgressReport report(nowhere);
  train::EarlyStopping early(train::Metric::validation_loss, epochs);
  train::BestWeights best;
  train::Checkpoint checkpoint(folder / "checkpoint", {.epochs = 1});
  train::NaNGuard guard;
  train::CsvLog csv(folder / "log.csv");
  train::Log log;
  train::AveragedWeights average(0.99);
  train::ReduceOnPlateau plateau({.patience = epochs});
  Observer observer;
  const train::History history =
      train::fit(model, nag, loader,
                 {.epochs = epochs,
                  .validation = digit_images(datasets::Split::test),
                  .clip_norm = 10,
                  .callbacks = {&average, &report, &early, &best, &checkpoint, &guard, &csv, &log,
                                &plateau, &observer}});
  std::filesystem::remove_all(folder);
  const double of_part = static_cast<double>(epochs) / 10;
  std::printf("%zu epochs, accuracy %.4f; tenth of the run, seconds per epoch, KiB:\n",
              history.size(), history.back().validation->accuracy);
  for (std::size_t i = 0; i < 10; ++i) {
    std::printf("%zu %.4f %ld\n", i + 1, observer.seconds[i] / of_part, observer.memory[i]);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  if (what == "load") return load(std::atof(argv[2]));
  if (what == "lenet") return lenet(std::strtoull(argv[2], nullptr, 10));
  std::fputs("soak load SECONDS, or soak lenet EPOCHS (a multiple of 10)\n", stderr);
  return 2;
}
