// SPDX-License-Identifier: MIT
#include <xgrad/core/log.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(XGRAD_TEST_SPDLOG)
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#endif

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

TEST_F(LogTest, AMessageIsMadeOnlyIfSomebodyReceivesIt) {
  int made = 0;
  const auto make = [&made] {
    ++made;
    return std::string("message");
  };
  log_message(LogLevel::error, make);
  EXPECT_EQ(made, 0);
  EXPECT_FALSE(is_logged(LogLevel::error));
  collect();
  EXPECT_TRUE(is_logged(LogLevel::debug));
  log_message(LogLevel::error, make);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(texts, std::vector<std::string>{"message"});
  log_message(LogLevel::error, []() -> std::string { throw std::runtime_error("no memory"); });
  EXPECT_EQ(texts.size(), 1u);
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

#if defined(XGRAD_TEST_SPDLOG)

/// Registers a logger under the name xgrad that writes "LEVEL MESSAGE" lines.
class HostLoggerTest : public LogTest {
 protected:
  HostLoggerTest() {
    logger->set_pattern("%l %v");
    logger->set_level(spdlog::level::info);
    spdlog::register_logger(logger);
  }
  ~HostLoggerTest() override { spdlog::drop("xgrad"); }

  std::ostringstream out;
  std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::logger>(
      "xgrad", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
};

TEST_F(HostLoggerTest, TheLoggerNamedXgradReceivesMessagesOfItsLevelAndAbove) {
  EXPECT_FALSE(is_logged(LogLevel::debug));
  EXPECT_TRUE(is_logged(LogLevel::info));
  log_message(LogLevel::debug, "quiet");
  log_message(LogLevel::info, "two\nlines {} %v");
  log_message(LogLevel::warning, "careful");
  log_message(LogLevel::error, "wrong");
  EXPECT_EQ(out.str(), "info two lines {} %v\nwarning careful\nerror wrong\n");
}

TEST_F(HostLoggerTest, TheLoggerMayBeReplacedAtAnyTime) {
  spdlog::drop("xgrad");
  log_message(LogLevel::error, "nobody reads this");
  EXPECT_FALSE(is_logged(LogLevel::error));
  spdlog::register_logger(logger);
  log_message(LogLevel::error, "here again");
  EXPECT_EQ(out.str(), "error here again\n");
}

TEST_F(HostLoggerTest, AHandlerTakesTheMessagesFromTheLogger) {
  collect();
  log_message(LogLevel::error, "to the handler");
  EXPECT_EQ(out.str(), "");
  set_log_handler(nullptr);
  log_message(LogLevel::error, "to the logger");
  EXPECT_EQ(out.str(), "error to the logger\n");
  EXPECT_EQ(texts, std::vector<std::string>{"to the handler"});
}

TEST_F(HostLoggerTest, EveryLineOfSeveralThreadsArrives) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 1000; ++k) log_message(LogLevel::warning, "message");
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string expected;
  for (int i = 0; i < 4000; ++i) expected += "warning message\n";
  EXPECT_EQ(out.str(), expected);
}

TEST_F(LogTest, OtherLoggersOfTheProgramReceiveNothing) {
  std::ostringstream out;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("host", sink));
  log_message(LogLevel::error, "nobody reads this");
  spdlog::set_default_logger(before);
  EXPECT_EQ(out.str(), "");
}

#endif

}  // namespace
}  // namespace xgrad
