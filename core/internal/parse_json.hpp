// SPDX-License-Identifier: MIT
#pragma once

// What nlohmann-json lacks for files from unknown sources. Private to the library, not installed.

#include <xgrad/core/error.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// Owns a JSON object and destroys it without allocating memory. The destructor of nlohmann::json
/// allocates memory if the value has elements, and the program ends if that fails.
struct JsonTree {
  JsonTree() = default;
  ~JsonTree();
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  nlohmann::json root = nlohmann::json::object();
};

/// Parses `text` into `tree`. Returns an empty string, or an error message: `text` must be one
/// object without duplicate names, nested at most 16 levels deep. `what` is its name in messages.
std::string parse_json(std::string_view text, const std::string& what, JsonTree& tree);

/// Returns the integer from 0 to 2^64 - 1 that `value` contains. Throws nlohmann::json::exception
/// for any other value; get<std::uint64_t>() would also cast -1 and 1e300.
std::uint64_t to_unsigned(const nlohmann::json& value);
/// Returns the elements of an array of such integers.
std::vector<std::uint64_t> to_unsigned_list(const nlohmann::json& array);

}  // namespace xgrad::inline XGRAD_ABI
