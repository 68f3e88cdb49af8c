// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The content of an IDX file of unsigned bytes: an array in row-major order.
struct IdxFile {
  std::vector<std::size_t> extents;  ///< extents of the array, outermost first
  std::vector<std::uint8_t> bytes;   ///< elements; their number is the product of the extents
};

/// Reads an IDX file with `dimensions` dimensions. The file may be compressed with gzip; this is
/// detected by its content, not by its name. The format: the bytes 0, 0 and 8 (for unsigned bytes),
/// the number of dimensions, each extent as a big-endian 32-bit number, then the elements. The
/// memory used depends on the size of the file, not on what a wrong header claims. Throws DataError
/// if the file is of another kind, truncated, damaged or too long, or if an extent is 0. The
/// message contains the absolute path, the offset in the uncompressed content, and what was
/// expected and found there. Like gzip, ignores bytes after the end of a gzip stream.
IdxFile read_idx(const std::filesystem::path& file, std::size_t dimensions);

}  // namespace xgrad::inline XGRAD_ABI::datasets
