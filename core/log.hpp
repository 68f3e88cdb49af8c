// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <concepts>
#include <functional>
#include <string_view>

namespace xgrad::inline XGRAD_ABI {

/// How serious a log message is, from the least to the most.
enum class LogLevel { debug, info, warning, error };

/// Sets the function that receives the library's log messages, for all threads. Each message is one
/// line without a line end. Without such a function, which is the default and what an empty
/// function restores, the messages go to the spdlog logger that the program has registered under
/// the name "xgrad", if it has registered one. While a handler is set, spdlog is not touched. The
/// float and the double library have a handler each; they share the spdlog logger.
///
/// The handler receives messages one at a time, in the thread that causes them. It may call xgrad,
/// this function included. An exception that it throws is ignored, so that no work is lost for a
/// message. After this function has returned, the previous handler is not called again.
void set_log_handler(std::function<void(LogLevel, std::string_view)> handler);

/// Returns whether anybody receives messages of this level: a handler receives all of them, an
/// spdlog logger those of its level and above.
bool is_logged(LogLevel level) noexcept;

/// Logs a message; control characters in it become spaces. Throws nothing.
void log_message(LogLevel level, std::string_view message) noexcept;

/// Logs the message that `make_message` returns. Calls it only if anybody receives the message, and
/// ignores what it throws.
void log_message(LogLevel level, std::invocable auto make_message) noexcept {
  if (!is_logged(level)) return;
  try {
    log_message(level, std::string_view(make_message()));
  } catch (...) {  // no work is lost for a message
  }
}

}  // namespace xgrad::inline XGRAD_ABI
