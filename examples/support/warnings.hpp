// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/log.hpp>

#include <cstdio>
#include <string>
#include <string_view>

/// Prints the library's warnings and errors as lines of standard error: "predict: warning: ...".
inline void print_warnings(const std::string& program) {
  xgrad::set_log_handler([program](xgrad::LogLevel level, std::string_view message) {
    if (level < xgrad::LogLevel::warning) return;
    std::fprintf(stderr, "%s: %s: %.*s\n", program.c_str(),
                 level == xgrad::LogLevel::warning ? "warning" : "error",
                 static_cast<int>(message.size()), message.data());
  });
}
