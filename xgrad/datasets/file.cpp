// SPDX-License-Identifier: MIT
#include <xgrad/datasets/file.hpp>

#include <xgrad/core/error.hpp>

#include <system_error>

namespace xgrad::inline XGRAD_ABI::datasets {

std::string absolute_name(const std::filesystem::path& path) {
  // Not std::filesystem::absolute, which throws an error of its own for an empty path.
  const std::filesystem::path whole = std::filesystem::current_path() / path;
  return whole.lexically_normal().string();
}

std::string require_file(const char* where, const std::filesystem::path& path) {
  std::string name = absolute_name(path);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) return name;
  const bool exists = std::filesystem::exists(name, ignored);
  throw DataError("[" + std::string(where) + "] " + name + ": " +
                  (exists ? "is not a regular file" : "no such file"));
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
