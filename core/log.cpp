// SPDX-License-Identifier: MIT
#include <xgrad/core/log.hpp>

#include <xgrad/core/error.hpp>

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

}  // namespace

void set_log_handler(Handler handler) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  std::swap(log.handler, handler);
}

void log_message(LogLevel level, std::string_view message) noexcept {
  try {
    Log& log = the_log();
    const std::lock_guard lock(log.mutex);
    if (!log.handler) return;
    const Handler handler = log.handler;     // a copy, since the handler may set another one
    const Error line{std::string(message)};  // makes one line of it
    handler(level, line.what());
  } catch (...) {  // neither a failing handler nor a lack of memory may end what the caller does
  }
}

}  // namespace xgrad::inline XGRAD_ABI
