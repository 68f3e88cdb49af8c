// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstddef>
#include <cstdio>
#include <iterator>
#include <string>

/// Returns the elements of `array` from index `position` on, from axis `axis` inwards, in nested
/// braces and with four significant digits: "{{1, 2}, {3, 4}}". Advances `position`.
inline std::string text_of(const xgrad::Array& array, std::size_t axis, std::size_t& position) {
  if (axis == array.dimension()) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.4g", static_cast<double>(array.flat(position++)));
    return digits;
  }
  std::string text = "{";
  for (std::size_t i = 0; i < array.shape()[axis]; ++i) {
    text += (i > 0 ? ", " : "") + text_of(array, axis + 1, position);
  }
  return text + "}";
}

/// Prints a line "name = {1, 2, 3}".
inline void show(const char* name, const xgrad::Array& array) {
  std::size_t position = 0;
  std::printf("%s = %s\n", name, text_of(array, 0, position).c_str());
}
