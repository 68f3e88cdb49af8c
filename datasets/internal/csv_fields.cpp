// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_fields.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

/// Returns whether the absolute value of a number outside the range of double is too small (true)
/// or too large (false).
bool is_tiny(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view power = text.substr(std::min(e + 1, text.size()));
  if (power.starts_with('+')) power.remove_prefix(1);
  constexpr long long far = 1'000'000'000'000;  // more than the number of digits in any text
  long long exponent = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (error == std::errc::result_out_of_range) exponent = power.starts_with('-') ? -far : far;
  const std::string_view digits = text.substr(0, e);
  const auto point = static_cast<long long>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<long long>(digits.find_first_of("123456789"));
  return point - first + std::clamp(exponent, -far, far) < 0;
}

/// Result of reading a text as a number.
struct Reading {
  bool is_number = false;  ///< whether the text is a number, even if too large for a double
  double value = 0;        ///< NaN if the number is too large
};

Reading read_number(std::string_view text, char decimal) {
  std::string with_point;
  if (decimal != '.') {
    if (text.find('.') != std::string_view::npos) return {};  // may be a thousands separator
    with_point = text;
    std::replace(with_point.begin(), with_point.end(), decimal, '.');
    text = with_point;
  }
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return {};
  if (error == std::errc()) return {true, value};
  return {true, is_tiny(text) ? 0 : std::nan("")};
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Returns whether a character in lower case is a letter. Each byte of a letter outside ASCII is.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 128; }

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

std::optional<double> finite_number(std::string_view text, char decimal) {
  const Reading reading = read_number(text, decimal);
  if (!reading.is_number || !std::isfinite(static_cast<Scalar>(reading.value))) return {};
  return reading.value;
}

FieldKind kind_of(const std::string& field) {
  if (read_number(field, '.').is_number || read_number(field, ',').is_number)
    return FieldKind::number;
  std::string letters;  // letters and digits in lower case: "<NA>" gives "na", and "?" gives ""
  for (const char c : field) {
    const char lower = to_lower(c);
    if (is_letter(lower) || (c >= '0' && c <= '9')) letters += lower;
  }
  return is_one_of(letters, {"", "na", "nan", "null", "none"}) ? FieldKind::nothing
                                                               : FieldKind::word;
}

bool is_missing(std::string_view field) {
  std::string lower(field);
  std::transform(field.begin(), field.end(), lower.begin(), to_lower);
  return is_one_of(lower, {"", "?", "na", "n/a", "nan", "null"});
}

bool is_word(std::string_view field) {  // "inf" is a number
  return !field.empty() && is_letter(to_lower(field[0])) && !read_number(field, '.').is_number;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
