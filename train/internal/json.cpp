// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/json.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

// A tree of one value is safe: only arrays and objects take memory when they are destroyed.
template <class T>
std::string dumped(const T& value) {
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

/// Takes what nlohmann's parser finds, one by one.
class JsonBuilder {
 public:
  explicit JsonBuilder(JsonValue& root) : root_(root) {}

  bool null() { return put(std::monostate()); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) { return put(value); }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) { return open(JsonValue::Kind::array); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) {
    return false;
  }

 private:
  static constexpr std::size_t kDeepest = 16;  // for what walks over a tree, and frees it, recurses

  JsonValue& add() {
    if (open_.empty()) return root_;
    return open_.back()->members_.emplace_back(std::exchange(key_, {}), JsonValue()).second;
  }
  template <class T>
  bool put(T value) {
    add().leaf_ = std::move(value);
    return true;
  }
  bool open(JsonValue::Kind kind) {
    if (open_.size() == kDeepest) return false;
    JsonValue& value = add();
    value.kind_ = kind;
    open_.push_back(&value);  // stays in its place while it is open: no neighbour is added
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  JsonValue& root_;
  std::vector<JsonValue*> open_;
  std::string key_;
};

JsonValue JsonValue::parse(std::string_view text) {
  JsonValue root;
  JsonBuilder builder(root);
  // The parser takes a zero byte for the end of the text and ignores what follows.
  if (text.find('\0') != std::string_view::npos ||
      !nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    throw JsonError("[json] the text is no JSON, or nested too deeply");
  }
  return root;
}

const JsonValue& JsonValue::at(std::string_view name) const {
  for (const auto& [each, value] : members_) {
    if (is_object() && each == name) return value;
  }
  throw JsonError("[json] no \"" + std::string(name) + "\" where one is needed");
}

template <class T>
T JsonValue::get() const {
  if (kind_ == Kind::leaf) {
    if (const T* const value = std::get_if<T>(&leaf_)) return *value;
    if constexpr (std::is_same_v<T, double>) {  // a whole number has no point
      if (const auto* const n = std::get_if<std::uint64_t>(&leaf_)) return static_cast<T>(*n);
      if (const auto* const n = std::get_if<std::int64_t>(&leaf_)) return static_cast<T>(*n);
    }
  }
  throw JsonError("[json] a value is " + text() + " and should be of another type");
}
template std::uint64_t JsonValue::get() const;
template double JsonValue::get() const;
template bool JsonValue::get() const;
template std::string JsonValue::get() const;

std::string JsonValue::text() const {
  if (kind_ == Kind::leaf) {
    return std::visit(
        [](const auto& value) {
          if constexpr (std::is_same_v<decltype(value), const std::monostate&>) {
            return std::string("null");
          } else {
            return dumped(value);
          }
        },
        leaf_);
  }
  std::vector<std::string> values;
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, value] : members_) {
    if (is_array()) {
      values.push_back(value.text());
    } else {
      members.emplace_back(name, value.text());
    }
  }
  return is_array() ? json_array(values) : json_object(members);
}

std::string json_of(std::uint64_t value) { return dumped(value); }
std::string json_of(double value) { return dumped(value); }
std::string json_of(bool value) { return value ? "true" : "false"; }
std::string json_text(std::string_view text) { return dumped(text); }

void require_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
  } catch (const nlohmann::json::exception&) {
    throw JsonError("[json] a text is not UTF-8");
  }
}

std::string json_array(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) {
    if (text.size() > 1) text += ',';
    text += value;
  }
  return text += ']';
}

std::string json_object(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ',';
    text.append(json_text(name)).append(1, ':').append(value);
  }
  return text += '}';
}

}  // namespace xgrad::inline XGRAD_ABI::train
