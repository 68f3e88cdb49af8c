// SPDX-License-Identifier: MIT
#pragma once

// The format of numpy.save. This header is private to the library and not installed.

#include <xgrad/core/array.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The content of a file of NumPy.
struct NpyFile {
  std::string name;                   ///< absolute path, for errors
  char kind = 'f';                    ///< 'i' and 'u': integers, 'f': floats, 'b': bool
  std::size_t item = 0;               ///< number of bytes of an element
  bool is_big_endian = false;         ///< whether the first byte of an element is the highest one
  bool is_fortran = false;            ///< whether the first axis varies fastest
  Shape shape{};                      ///< extents of the array
  std::size_t data_offset = 0;        ///< offset of the first element
  std::vector<std::uint8_t> bytes{};  ///< elements as in the file

  /// Returns the number of elements.
  std::size_t size() const { return bytes.size() / item; }
  /// Returns the position in the file of element i in row-major order.
  std::size_t position(std::size_t i) const;
  /// Returns the element at a position of the file. Integers above 2^53 are rounded.
  double number(std::size_t position) const;
  /// Throws DataError `[npy] path: offset 80: expected ..., found ...` for an element.
  [[noreturn]] void fail(std::size_t position, const std::string& expected,
                         const std::string& found) const;
};

/// Reads a file. Throws DataError like read_npy(), but does not check the elements.
NpyFile read_npy_file(const std::filesystem::path& path);

}  // namespace xgrad::inline XGRAD_ABI::datasets
