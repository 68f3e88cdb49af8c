// SPDX-License-Identifier: MIT
// Uses the header-only spdlog, which is another build than that of xgrad, so a handler passes the
// messages on. The exit status is 1 if a message does not arrive.
#include <xgrad/xgrad.hpp>

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <iostream>

using namespace xgrad;

int main() {
  const auto lines = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
  lines->set_pattern("%l: %v");
  spdlog::logger logger("application", lines);
  set_log_handler([&logger](LogLevel level, std::string_view text) {
    logger.log(level == LogLevel::error     ? spdlog::level::err
               : level == LogLevel::warning ? spdlog::level::warn
               : level == LogLevel::info    ? spdlog::level::info
                                            : spdlog::level::debug,
               "{}", text);
  });

  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 3, rng));
  optim::SGD optimizer(model.parameters(), {.lr = 0.05});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  train::Log log;
  train::fit(model, optimizer, loader, {.epochs = 2, .callbacks = {&log}});
  set_log_handler(nullptr);
  const std::vector<std::string> text = lines->last_formatted();
  for (const std::string& line : text) std::cout << line;
  return text.size() >= 4 && text.back() == "info: [train] run ended after 2 epochs, 16 steps\n"
             ? 0
             : 1;
}
