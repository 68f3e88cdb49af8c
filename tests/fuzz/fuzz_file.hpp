// SPDX-License-Identifier: MIT
#pragma once

// Helpers of the fuzz targets.

#include <xgrad/core/error.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::fuzz {

/// A file in memory that exists as long as this object. Readers open its path().
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written <= 0) std::abort();
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Returns the input as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Aborts unless the condition holds.
inline void require(bool condition) {
  if (!condition) std::abort();
}

/// Returns whether `action` completed without an xgrad::Error. The message of an error must be one
/// line. Any other exception ends the program.
template <class Action>
bool succeeds(const Action& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    for (const char c : std::string_view(error.what())) {
      require(static_cast<unsigned char>(c) >= ' ');
    }
    return false;
  }
}

}  // namespace xgrad::fuzz
