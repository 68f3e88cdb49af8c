// SPDX-License-Identifier: MIT
#pragma once

// JSON as files hold it. A tree of nlohmann's takes memory when it is destroyed, which ends the
// program where there is none; this one takes none. Private to the library, not installed.

#include <xgrad/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// A text that is no JSON, or a value that is not what it should be.
class JsonError : public DataError {
 public:
  using DataError::DataError;
};

/// A value read from JSON. Everything throws JsonError.
class JsonValue {
 public:
  /// Throws for a text that is no JSON, or is nested deeper than any file of ours.
  static JsonValue parse(std::string_view text);

  bool is_null() const {
    return kind_ == Kind::leaf && std::holds_alternative<std::monostate>(leaf_);
  }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  /// Of an object in the order of the text; of an array with empty names.
  const std::vector<std::pair<std::string, JsonValue>>& members() const { return members_; }
  /// The member of an object.
  const JsonValue& at(std::string_view name) const;
  /// T: std::uint64_t, double, bool or std::string.
  template <class T>
  T get() const;
  template <class T>
  std::vector<T> get_array() const {
    if (!is_array()) throw JsonError("[json] a value is " + text() + " and should be an array");
    std::vector<T> result;
    for (const auto& [none, value] : members_) result.push_back(value.template get<T>());
    return result;
  }
  /// The value as JSON, without spaces.
  std::string text() const;

 private:
  friend class JsonBuilder;
  enum class Kind { leaf, array, object };
  Kind kind_ = Kind::leaf;
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string> leaf_;
  std::vector<std::pair<std::string, JsonValue>> members_;
};

// ---- Writing: texts put together

std::string json_of(std::uint64_t value);
std::string json_of(double value);
std::string json_of(bool value);
/// In quotes; what is not UTF-8 is replaced.
std::string json_text(std::string_view text);
/// Throws JsonError where the text is not UTF-8.
void require_utf8(const std::string& text);

/// The values, JSON themselves, as an array or with their names as an object.
std::string json_array(const std::vector<std::string>& values);
std::string json_object(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace xgrad::inline XGRAD_ABI::train
