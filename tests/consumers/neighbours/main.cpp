// SPDX-License-Identifier: MIT
// Trains four small networks, one in each thread of an OpenMP team, and logs with spdlog. The exit
// status is 1 if an accuracy is below 90 %, if two of them differ, or if a line of xgrad is
// missing.
#include <xgrad/xgrad.hpp>

#include <omp.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <string>

using namespace xgrad;

std::string formatted(double accuracy);

namespace {

constexpr std::size_t kEpochs = 20;

double trained_accuracy() {
  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 16, rng), nn::Tanh(), nn::Linear(16, 3, rng));
  optim::Adam optimizer(model.parameters(), {.lr = 0.05});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  train::Log log;
  train::fit(model, optimizer, loader, {.epochs = kEpochs, .callbacks = {&log}});
  return train::evaluate(model, datasets::iris(datasets::Split::test)).accuracy;
}

}  // namespace

int main() {
  const auto log = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1000);
  log->set_pattern("%l %v");
  spdlog::register_logger(std::make_shared<spdlog::logger>("xgrad", log));
  std::array<double, 4> accuracy{};
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 4; ++i) accuracy[i] = trained_accuracy();
  bool good = true;
  for (const double one : accuracy) {
    spdlog::info("{}", formatted(one));
    good = good && one >= 0.9 && one == accuracy[0];
  }
  std::size_t lines = 0;
  for (const std::string& line : log->last_formatted()) lines += line.starts_with("info [train] ");
  spdlog::info("{} lines of xgrad", lines);
  return good && lines == 4 * (kEpochs + 2) ? 0 : 1;  // the start, the epochs and the end of a run
}
