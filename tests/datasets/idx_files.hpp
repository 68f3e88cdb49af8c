// SPDX-License-Identifier: MIT
#pragma once

// Creates small IDX files, plain and compressed.

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xgrad::test {

/// Returns the bytes of an IDX file of unsigned bytes with these extents and elements.
inline std::string idx(const std::vector<std::uint32_t>& extents, const std::string& elements) {
  std::string file{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const std::uint32_t extent : extents) {
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(extent >> shift & 0xFF);
  }
  return file + elements;
}

inline void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

}  // namespace xgrad::test
