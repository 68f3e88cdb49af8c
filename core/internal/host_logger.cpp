// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/host_logger.hpp>

#if defined(XGRAD_SPDLOG)

#include <spdlog/spdlog.h>

namespace xgrad::inline XGRAD_ABI {
namespace {

// The logger is looked up for each message, because the program may replace or drop it at any time.
std::shared_ptr<spdlog::logger> host_logger() { return spdlog::get("xgrad"); }

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

bool host_logger_takes(LogLevel level) {
  const auto logger = host_logger();
  return logger && (logger->should_log(spdlog_level(level)) || logger->should_backtrace());
}

void write_to_host_logger(LogLevel level, std::string_view message) {
  if (const auto logger = host_logger()) {
    logger->log(spdlog_level(level), spdlog::string_view_t(message.data(), message.size()));
  }
}

}  // namespace xgrad::inline XGRAD_ABI

#else

namespace xgrad::inline XGRAD_ABI {

bool host_logger_takes(LogLevel) { return false; }
void write_to_host_logger(LogLevel, std::string_view) {}

}  // namespace xgrad::inline XGRAD_ABI

#endif
