// SPDX-License-Identifier: MIT
#include <xgrad/datasets/idx.hpp>

#include <xgrad/datasets/internal/gzip_file.hpp>

#include <array>
#include <cstdio>
#include <limits>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

std::uint32_t read_uint32(GzipFile& reader) {
  std::array<std::uint8_t, 4> b{};
  reader.read(b.data(), b.size());
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

std::string magic_name(std::uint32_t magic) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", magic);
  return text;
}

// Reads the extents and stores their product in `total`.
std::vector<std::size_t> read_extents(GzipFile& reader, std::size_t dimensions,
                                      std::size_t& total) {
  total = 1;
  std::vector<std::size_t> extents;
  while (extents.size() < dimensions) {
    const std::size_t offset = reader.offset();
    const std::size_t extent = read_uint32(reader);
    if (extent == 0) reader.fail(offset, "an extent of at least 1", "0");
    if (extent > std::numeric_limits<std::ptrdiff_t>::max() / total) {
      reader.fail(offset, "an array that fits in memory", "extent " + std::to_string(extent));
    }
    total *= extent;
    extents.push_back(extent);
  }
  return extents;
}

}  // namespace

IdxFile read_idx(const std::filesystem::path& file, std::size_t dimensions) {
  GzipFile reader("idx", file);
  const std::uint32_t expected = 0x0800u | static_cast<std::uint32_t>(dimensions);
  const std::uint32_t magic = read_uint32(reader);
  if (magic != expected) {
    const std::string meaning = " (unsigned bytes, dimensions: " + std::to_string(dimensions) + ")";
    reader.fail(0, magic_name(expected) + meaning, magic_name(magic));
  }
  IdxFile result;
  std::size_t total = 0;
  result.extents = read_extents(reader, dimensions, total);
  reader.append(result.bytes, total);
  reader.require_end();
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
