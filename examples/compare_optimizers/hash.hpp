// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace compare {

/// Returns the FNV-1a hash of the bytes. To hash several pieces in sequence, pass the hash of the
/// previous pieces as `hash`. FNV-1a detects accidental differences, not deliberate forgery.
inline std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 14695981039346656037u) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

/// Returns the hash as 16 hexadecimal digits.
inline std::string hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

}  // namespace compare
