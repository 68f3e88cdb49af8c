// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// What an IDX file of unsigned bytes holds: an array of `extents`, row-major.
struct IdxFile {
  std::vector<std::size_t> extents;  ///< outermost first
  std::vector<std::uint8_t> bytes;   ///< as many as the product of the extents
};

/// Reads an IDX file with `dimensions` dimensions, gzip-compressed or not (the content tells, not
/// the name). The format: 0, 0, 8 (unsigned bytes), the number of dimensions, each extent as four
/// bytes with the highest first, then the elements. Memory grows with what the file really holds,
/// whatever its header promises. Throws DataError with the absolute path, the offset in the
/// uncompressed content, what was found and what was expected, for a file of another kind, one that
/// is cut short, damaged or too long, and for an extent of 0. What follows the end of a gzip stream
/// is left unread, as gzip does.
IdxFile read_idx(const std::filesystem::path& file, std::size_t dimensions);

}  // namespace xgrad::inline XGRAD_ABI::datasets
