// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/numbers.hpp>

#include <charconv>
#include <cmath>
#include <system_error>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Returns the value that the kernels use. In float, 1e300 becomes infinity and 1e-50 becomes 0.
double rounded(double value) { return static_cast<double>(static_cast<Scalar>(value)); }

void require(bool holds, const char* where, const char* name, const char* what, double value) {
  if (holds) return;
  const bool is_too_small = value > 0 && rounded(value) == 0;
  const bool is_too_large = std::isfinite(value) && !std::isfinite(rounded(value));
  throw OptionError("[" + std::string(where) + "] " + name + " must be " + what + ", got " +
                    format_number(value) +
                    (is_too_large   ? ", which is infinite in float"
                     : is_too_small ? ", which is 0 in float"
                                    : ""));
}

}  // namespace

void require_positive(const char* where, const char* name, double value) {
  require(std::isfinite(rounded(value)) && rounded(value) > 0, where, name,
          "a positive finite number", value);
}

void require_non_negative(const char* where, const char* name, double value) {
  require(std::isfinite(rounded(value)) && value >= 0, where, name, "a finite number of at least 0",
          value);
}

void require_fraction(const char* where, const char* name, double value) {
  require(value >= 0 && rounded(value) < 1, where, name, "in [0, 1)", value);
}

std::string format_exactly(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

double parse_number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || last != end) {
    throw DataError("[parse_number] the text must be one number, got \"" + text + "\"");
  }
  return value;
}

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i > 0 ? between : "") + words[i];
  return text;
}

}  // namespace xgrad::inline XGRAD_ABI
