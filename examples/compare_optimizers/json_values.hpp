// SPDX-License-Identifier: MIT
#pragma once

// Converts the numbers of a study to JSON and back.

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace nlohmann {

/// Throws for a number that is not a count, such as -1 or 1e300, which would be converted
/// otherwise.
template <>
struct adl_serializer<std::uint64_t> {
  static void to_json(json& j, std::uint64_t value) { ::nlohmann::to_json(j, value); }
  static void from_json(const json& j, std::uint64_t& value) {
    if (!j.is_number_unsigned()) {
      throw json::type_error::create(302, "a count must be a whole number of at least 0", &j);
    }
    value = j.get_ref<const json::number_unsigned_t&>();
  }
};

/// Writes nullopt as null.
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) { j = value ? json(*value) : json(); }
  static void from_json(const json& j, std::optional<T>& value) {
    value = j.is_null() ? std::nullopt : std::optional<T>(j.get<T>());
  }
};

}  // namespace nlohmann

namespace compare {

/// A number that is null in JSON if it is not finite.
struct Real {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< the number
  Real() = default;
  Real(double number) : value(number) {}     ///< Converts a number.
  operator double() const { return value; }  ///< Converts to a number.
};

/// Writes six significant digits: few digits make a small file.
inline void to_json(nlohmann::json& j, const Real& x) {
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(x.value))));
  const bool rounds = std::isfinite(scale) && scale >= 1;
  j = rounds ? std::round(x.value * scale) / scale : x.value;
}
inline void from_json(const nlohmann::json& j, Real& x) {
  x = j.is_null() ? Real() : Real(j.get<double>());
}

}  // namespace compare
