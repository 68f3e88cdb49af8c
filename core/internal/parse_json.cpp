// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/parse_json.hpp>

#include <cstddef>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 16;

/// Removes all elements, the innermost first. The destructor of an empty array or object allocates
/// nothing.
void clear(json& value) {
  if (!value.is_structured()) return;
  for (json& element : value) clear(element);
  value.clear();
}

/// Builds a tree from the events of nlohmann's parser. json::parse() would keep the last of several
/// members with the same name, accept any depth, and use the destructor of json after an error.
class Builder {
 public:
  Builder(json& root, const std::string& what)
      : root_(root), name_(what), error_(what + " is not a JSON object") {}

  const std::string& error() const { return error_; }

  bool null() { return add_leaf(nullptr); }
  bool boolean(bool value) { return add_leaf(value); }
  bool number_integer(std::int64_t value) { return add_leaf(value); }
  bool number_unsigned(std::uint64_t value) { return add_leaf(value); }
  bool number_float(double value, const std::string&) { return add_leaf(value); }
  bool string(std::string& value) { return add_leaf(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return !open_.empty() && open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

  bool key(std::string& name) {
    const auto [member, is_new] =
        open_.back().value->get_ref<json::object_t&>().try_emplace(name, nullptr);
    member_ = &member->second;
    name_ = "\"" + name + "\"";
    if (!is_new) error_ = open_.back().name + " has the name " + name_ + " twice";
    return is_new;
  }

 private:
  struct Open {
    json* value;  // valid while it is open, because nothing is added to its parent
    std::string name;
  };

  json& add(json value) {
    json& place = open_.empty()                    ? root_
                  : open_.back().value->is_array() ? open_.back().value->emplace_back()
                                                   : *member_;
    return place = std::move(value);
  }
  bool add_leaf(json value) {
    if (open_.empty()) return false;
    add(std::move(value));
    return true;
  }
  bool open(json empty) {
    if (open_.size() == kMaxDepth) {
      error_ = open_.front().name + " is nested more than 16 levels deep";
      return false;
    }
    json& value = add(std::move(empty));
    open_.push_back({&value, name_});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  json* member_ = nullptr;  // the member that gets the next value
  std::string name_, error_;
  std::vector<Open> open_;
};

}  // namespace

JsonTree::~JsonTree() { clear(root); }

std::string parse_json(std::string_view text, const std::string& what, JsonTree& tree) {
  Builder builder(tree.root, what);
  // The parser takes a zero byte for the end of the text and ignores what follows it.
  const bool is_valid = text.find('\0') == std::string_view::npos &&
                        json::sax_parse(text.begin(), text.end(), &builder);
  return is_valid ? "" : builder.error();
}

std::uint64_t to_unsigned(const json& value) {
  return value.get_ref<const json::number_unsigned_t&>();
}

std::vector<std::uint64_t> to_unsigned_list(const json& array) {
  std::vector<std::uint64_t> list;
  for (const json& value : array.get_ref<const json::array_t&>()) {
    list.push_back(to_unsigned(value));
  }
  return list;
}

}  // namespace xgrad::inline XGRAD_ABI
