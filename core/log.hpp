// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <functional>
#include <string_view>

namespace xgrad::inline XGRAD_ABI {

/// How serious a log message is, from the least to the most.
enum class LogLevel { debug, info, warning, error };

/// Sets the function that receives the library's log messages, for all threads. An empty function,
/// which is the default, turns logging off. Each message is one line without a line end.
///
/// Messages arrive one at a time, in the thread that causes them. The handler may call xgrad,
/// this function included. An exception that it throws is ignored, so that no work is lost for a
/// message. After this function has returned, the previous handler is not called again.
void set_log_handler(std::function<void(LogLevel, std::string_view)> handler);

/// Hands a message to the handler; control characters in it become spaces. Throws nothing.
void log_message(LogLevel level, std::string_view message) noexcept;

}  // namespace xgrad::inline XGRAD_ABI
