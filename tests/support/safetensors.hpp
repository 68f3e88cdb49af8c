// SPDX-License-Identifier: MIT
#pragma once

// Builds the bytes of parameter files and checkpoints. Needs zlib.

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace xgrad::test {

/// Returns a file with this header, the length of the header and this data.
inline std::string safetensors(std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.append(header).append(data);
}

/// Returns the file with its last four bytes replaced by the CRC-32 of the bytes before them, as in
/// a checkpoint. The file must have at least four bytes.
inline std::string with_checksum(std::string bytes) {
  const std::size_t end = bytes.size() - 4;
  const auto crc =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), end));
  std::memcpy(bytes.data() + end, &crc, 4);
  return bytes;
}

}  // namespace xgrad::test
