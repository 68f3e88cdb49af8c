// SPDX-License-Identifier: MIT
#include <xgrad/core/log.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace xgrad {
namespace {

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { set_log_handler(nullptr); }

  void collect() {
    set_log_handler([this](LogLevel level, std::string_view text) {
      levels.push_back(level);
      texts.emplace_back(text);
    });
  }
  std::vector<LogLevel> levels;
  std::vector<std::string> texts;
};

TEST_F(LogTest, MessagesReachTheHandlerWithTheirLevelAsOneLine) {
  collect();
  log_message(LogLevel::warning, "first\nline");
  log_message(LogLevel::debug, "second");
  EXPECT_EQ(texts, (std::vector<std::string>{"first line", "second"}));
  EXPECT_EQ(levels, (std::vector<LogLevel>{LogLevel::warning, LogLevel::debug}));
}

TEST_F(LogTest, WithoutAHandlerNothingHappens) {
  collect();
  set_log_handler(nullptr);
  log_message(LogLevel::error, "nobody reads this");
  EXPECT_TRUE(texts.empty());
}

TEST_F(LogTest, AnExceptionOfAHandlerDoesNotReachTheCaller) {
  set_log_handler([](LogLevel, std::string_view) { throw std::runtime_error("disk full"); });
  log_message(LogLevel::error, "message");
  set_log_handler([](LogLevel, std::string_view) { throw 1; });
  log_message(LogLevel::error, "message");
  collect();  // does not block, because the lock was released
  log_message(LogLevel::error, "message");
  EXPECT_EQ(texts.size(), 1u);
}

TEST_F(LogTest, AHandlerMayLogAndSetAnotherHandler) {
  set_log_handler([this](LogLevel level, std::string_view text) {
    collect();  // replaces the stored handler; a copy of it is running
    log_message(LogLevel::info, "inner");
    levels.push_back(level);
    texts.emplace_back(text);
  });
  log_message(LogLevel::error, "outer");
  EXPECT_EQ(texts, (std::vector<std::string>{"inner", "outer"}));
}

TEST_F(LogTest, MessagesOfSeveralThreadsArriveOneAtATime) {
  collect();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 1000; ++k) log_message(LogLevel::info, "message");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(texts, std::vector<std::string>(4000, "message"));
}

}  // namespace
}  // namespace xgrad
