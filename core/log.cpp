// SPDX-License-Identifier: MIT
#include <xgrad/core/log.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/host_logger.hpp>

#include <mutex>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

using Handler = std::function<void(LogLevel, std::string_view)>;

struct Log {
  std::recursive_mutex mutex;  // recursive: a handler may cause a message, or set another handler
  Handler handler;
};

// Never destroyed, since destructors of other static objects may still log.
Log& the_log() {
  static Log* const log = new Log;
  return *log;
}

bool has_handler() {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  return static_cast<bool>(log.handler);
}

// Returns whether there was a handler.
bool call_handler(LogLevel level, const char* line) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  if (!log.handler) return false;
  const Handler handler = log.handler;  // a copy, since the handler may set another one
  handler(level, line);
  return true;
}

}  // namespace

void set_log_handler(Handler handler) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  std::swap(log.handler, handler);
}

bool is_logged(LogLevel level) noexcept {
  try {
    return has_handler() || host_logger_takes(level);
  } catch (...) {
    return false;
  }
}

void log_message(LogLevel level, std::string_view message) noexcept {
  if (!is_logged(level)) return;
  try {
    const Error line{std::string(message)};  // makes one line of it
    if (!call_handler(level, line.what())) write_to_host_logger(level, line.what());
  } catch (...) {  // neither a failing handler nor a lack of memory may end what the caller does
  }
}

}  // namespace xgrad::inline XGRAD_ABI
