// SPDX-License-Identifier: MIT
#pragma once

// The spdlog logger that the program has registered under the name "xgrad". Without such a logger,
// and in a build without spdlog, nothing is logged.

#include <xgrad/core/log.hpp>

namespace xgrad::inline XGRAD_ABI {

/// Returns whether there is a logger and it takes messages of this level.
bool host_logger_takes(LogLevel level);

/// Hands the message to the logger, if there is one.
void write_to_host_logger(LogLevel level, std::string_view message);

}  // namespace xgrad::inline XGRAD_ABI
