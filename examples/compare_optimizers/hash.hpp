// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace compare {

/// FNV-1a of the bytes, after those that gave `hash`. It tells apart what differs by chance, not
/// what was made to look the same.
inline std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 14695981039346656037u) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

/// A hash as 16 digits.
inline std::string hex(std::uint64_t hash) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

}  // namespace compare
