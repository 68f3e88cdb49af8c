// SPDX-License-Identifier: MIT
#pragma once

// Lists of words, and numbers in text.

#include <charconv>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

/// Returns the words with `separator` between them.
std::string joined(const std::vector<std::string>& words, const std::string& separator = ", ");

/// Returns the parts of the text between the separators. They may be empty.
std::vector<std::string> split(const std::string& text, char separator);

/// Returns the text with every `part` replaced by `other`.
std::string replaced(std::string text, const std::string& part, const std::string& other);

/// Returns the number, or nullopt unless the whole text is one number as std::from_chars reads it:
/// in decimal digits, without a plus sign and without blanks.
template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || last != end) return std::nullopt;
  return value;
}
