// SPDX-License-Identifier: MIT
#pragma once

// Files of parameters and checkpoints, put together by hand. Needs zlib.

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace xgrad::test {

/// A file with this header, its length right, and this data.
inline std::string safetensors(std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.append(header).append(data);
}

/// The file, of four bytes or more, with the CRC-32 of a checkpoint in the place of the last four.
inline std::string with_checksum(std::string bytes) {
  const std::size_t end = bytes.size() - 4;
  const auto crc =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), end));
  std::memcpy(bytes.data() + end, &crc, 4);
  return bytes;
}

}  // namespace xgrad::test
