// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

std::string one_line(std::string message) {
  constexpr std::size_t most = 10'000;
  if (message.size() > most) {
    message.resize(most - 3);
    message += "...";
  }
  const auto is_control = [](unsigned char c) { return c < 32 || c == 127; };
  std::replace_if(message.begin(), message.end(), is_control, ' ');
  return message;
}

}  // namespace

Error::Error(std::string message) : std::runtime_error(one_line(std::move(message))) {}

std::string format_number(double value) {
  if (std::isnan(value)) return "nan";  // printf prints "-nan" if the sign bit is set
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace xgrad::inline XGRAD_ABI
