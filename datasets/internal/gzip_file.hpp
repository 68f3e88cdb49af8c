// SPDX-License-Identifier: MIT
#pragma once

// A file that may be compressed with gzip. This header is private to the library and not installed.

#include <xgrad/core/config.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

struct gzFile_s;  // the open file of zlib

namespace xgrad::inline XGRAD_ABI::datasets {

/// Reads a file that is plain or compressed with gzip, which it recognises by the content. Offsets
/// are those of the uncompressed content. Like gzip, ignores bytes after the end of a gzip stream.
class GzipFile {
 public:
  /// Opens a file. Errors begin with `[where] path: `.
  GzipFile(const char* where, const std::filesystem::path& file);
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;
  ~GzipFile();

  /// Throws DataError `[where] path: offset 8: expected ..., found ...`.
  [[noreturn]] void fail(std::size_t offset, const std::string& expected,
                         const std::string& found) const;
  /// Reads the next n bytes. Throws DataError if the file ends before, or is damaged.
  void read(void* bytes, std::size_t n);
  /// Appends the next n bytes to `bytes`, a string or a vector of bytes. A header may claim any n.
  /// So the memory grows with what has been read: the first chunk is at most proportional to the
  /// size of the file, and later chunks are at most as large as what has been read.
  template <class Bytes>
  void append(Bytes& bytes, std::size_t n);
  /// Reads the rest of the file.
  std::string read_rest();
  /// Throws DataError unless the file ends here. This is also where zlib compares the checksum.
  void require_end();

  /// Returns the number of bytes that have been read.
  std::size_t offset() const { return offset_; }

 private:
  std::size_t read_some(void* bytes, std::size_t n);
  std::size_t first_chunk() const;
  std::string what_stopped_it() const;

  const char* where_;
  std::string name_;
  gzFile_s* file_;
  std::size_t offset_ = 0;
};

template <class Bytes>
void GzipFile::append(Bytes& bytes, std::size_t n) {
  std::size_t have = 0;
  while (have < n) {
    const std::size_t next = std::min(n - have, std::max(have, first_chunk()));
    const std::size_t begin = bytes.size();
    bytes.reserve(begin + next);
    bytes.resize(begin + next);
    read(bytes.data() + begin, next);
    have += next;
  }
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
