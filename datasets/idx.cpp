// SPDX-License-Identifier: MIT
#include <xgrad/datasets/idx.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <system_error>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr std::size_t kFirstChunk = std::size_t{1} << 20;
constexpr std::size_t kUsualRatio = 8;  // images decompress to about five times their size
constexpr unsigned kInputBuffer = 1u << 17;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts bytes in an int

/// Reads a file with zlib, which decompresses gzip files and reads other files as they are.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : name_(require_file("idx", file)), file_(gzopen(name_.c_str(), "rb")) {
    if (file_ == nullptr) {
      throw DataError("[idx] " + name_ + ": cannot be opened: " + std::strerror(errno));
    }
    gzbuffer(file_, kInputBuffer);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { gzclose_r(file_); }

  [[noreturn]] void fail(std::size_t offset, const std::string& expected,
                         const std::string& found) const {
    throw DataError("[idx] " + name_ + ": offset " + std::to_string(offset) + ": expected " +
                    expected + ", found " + found);
  }

  /// Reads the next n bytes, n <= kMostAtOnce.
  void read(std::uint8_t* bytes, std::size_t n) {
    const int got = gzread(file_, bytes, static_cast<unsigned>(n));
    offset_ += static_cast<std::size_t>(std::max(got, 0));
    if (got == static_cast<int>(n)) return;
    const std::size_t missing = n - static_cast<std::size_t>(std::max(got, 0));
    fail(offset_, std::to_string(missing) + " more bytes", what_stopped_it());
  }

  /// Throws unless the file ends here. This is also where zlib compares the checksum.
  void require_end() {
    std::uint8_t extra = 0;
    const int got = gzread(file_, &extra, 1);
    const std::string found = got == 1 ? "more bytes" : what_stopped_it();
    if (found != kEnd) fail(offset_, kEnd, found);
  }

  std::size_t offset() const { return offset_; }

 private:
  static constexpr const char* kEnd = "the end of the file";

  std::string what_stopped_it() const {
    int code = Z_OK;
    const std::string message = gzerror(file_, &code);
    if (code == Z_OK || code == Z_STREAM_END) return kEnd;
    const std::string prefix = name_ + ": ";  // the messages of zlib begin with the file name
    const std::string what = message.substr(message.starts_with(prefix) ? prefix.size() : 0);
    return code == Z_ERRNO ? "a read error: " + what : "damaged gzip data: " + what;
  }

  std::string name_;
  gzFile file_;
  std::size_t offset_ = 0;
};

std::size_t size_on_disk(const std::filesystem::path& file) {
  std::error_code unknown;  // set if the file has no size, for example a pipe
  const std::uintmax_t size = std::filesystem::file_size(file, unknown);
  return unknown ? 0 : static_cast<std::size_t>(size);
}

std::uint32_t read_uint32(Reader& reader) {
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
std::vector<std::size_t> read_extents(Reader& reader, std::size_t dimensions, std::size_t& total) {
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
  Reader reader(file);
  const std::uint32_t expected = 0x0800u | static_cast<std::uint32_t>(dimensions);
  const std::uint32_t magic = read_uint32(reader);
  if (magic != expected) {
    const std::string meaning = " (unsigned bytes, dimensions: " + std::to_string(dimensions) + ")";
    reader.fail(0, magic_name(expected) + meaning, magic_name(magic));
  }
  IdxFile result;
  std::size_t total = 0;
  result.extents = read_extents(reader, dimensions, total);
  // The header may be wrong. So the first chunk is at most proportional to the size of the file,
  // and later chunks are at most as large as what has been read.
  const std::size_t likely = std::max(kFirstChunk, kUsualRatio * size_on_disk(file));
  while (result.bytes.size() < total) {
    const std::size_t have = result.bytes.size();
    const std::size_t next = std::min({total - have, std::max(have, likely), kMostAtOnce});
    result.bytes.reserve(have + next);
    result.bytes.resize(have + next);
    reader.read(result.bytes.data() + have, next);
  }
  reader.require_end();
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
