// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/file_log.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/log.hpp>

#include <cmath>
#include <string>
#include <system_error>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Returns the time since `begin`, in units of 1 / `per_second` seconds, with `digits` decimals.
std::string elapsed(std::chrono::steady_clock::time_point begin, double per_second, int digits) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const double scale = std::pow(10.0, digits);
  return format_number(std::round(seconds.count() * per_second * scale) / scale);
}

}  // namespace

std::string FileLog::begin_of_line(const char* verb) const {
  std::string text = "[";
  return text.append(where_).append("] ").append(verb).append(" ") + absolute_name(path_) + ": ";
}

void FileLog::read_rows(std::size_t rows) const noexcept {
  log_message(LogLevel::info, [&] {
    return begin_of_line("read") + std::to_string(rows) + " rows in " + elapsed(begin_, 1, 3) +
           " s";
  });
}

void FileLog::log_bytes(const char* verb) const noexcept {
  log_message(LogLevel::info, [&] {
    const std::string time = elapsed(begin_, 1000, 1);
    std::error_code is_gone;
    const std::uintmax_t bytes = std::filesystem::file_size(path_, is_gone);
    return begin_of_line(verb) + (is_gone ? "?" : std::to_string(bytes)) + " bytes in " + time +
           " ms";
  });
}

}  // namespace xgrad::inline XGRAD_ABI
