// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/datasets/internal/gzip_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr std::size_t kFirstChunk = std::size_t{1} << 20;
constexpr std::size_t kUsualRatio = 8;  // images decompress to about five times their size
constexpr unsigned kInputBuffer = 1u << 17;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts bytes in an int
constexpr const char* kEnd = "the end of the file";

std::size_t size_on_disk(const std::filesystem::path& file) {
  std::error_code unknown;  // set if the file has no size, for example a pipe
  const std::uintmax_t size = std::filesystem::file_size(file, unknown);
  return unknown ? 0 : static_cast<std::size_t>(size);
}

}  // namespace

GzipFile::GzipFile(const char* where, const std::filesystem::path& file)
    : where_(where), name_(require_file(where, file)), file_(gzopen(name_.c_str(), "rb")) {
  if (file_ == nullptr) {
    throw DataError("[" + std::string(where) + "] " + name_ +
                    ": cannot be read: " + std::strerror(errno));
  }
  gzbuffer(file_, kInputBuffer);
}

GzipFile::~GzipFile() { gzclose_r(file_); }

void GzipFile::fail(std::size_t offset, const std::string& expected,
                    const std::string& found) const {
  throw DataError("[" + std::string(where_) + "] " + name_ + ": offset " + std::to_string(offset) +
                  ": expected " + expected + ", found " + found);
}

std::size_t GzipFile::first_chunk() const {
  return std::max(kFirstChunk, kUsualRatio * size_on_disk(name_));
}

std::size_t GzipFile::read_some(void* bytes, std::size_t n) {
  std::size_t done = 0;
  while (done < n) {
    const std::size_t next = std::min(n - done, kMostAtOnce);
    const int got = gzread(file_, static_cast<char*>(bytes) + done, static_cast<unsigned>(next));
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  offset_ += done;
  return done;
}

void GzipFile::read(void* bytes, std::size_t n) {
  const std::size_t got = read_some(bytes, n);
  if (got < n) fail(offset_, std::to_string(n - got) + " more bytes", what_stopped_it());
}

std::string GzipFile::read_rest() {
  std::string bytes;
  for (std::size_t begin = 0;; begin = bytes.size()) {
    const std::size_t next = std::max(begin, kFirstChunk);
    bytes.resize(begin + next);
    const std::size_t got = read_some(bytes.data() + begin, next);
    bytes.resize(begin + got);
    if (got < next) break;
  }
  if (const std::string found = what_stopped_it(); found != kEnd) fail(offset_, kEnd, found);
  return bytes;
}

void GzipFile::require_end() {
  std::uint8_t extra = 0;
  const int got = gzread(file_, &extra, 1);
  const std::string found = got == 1 ? "more bytes" : what_stopped_it();
  if (found != kEnd) fail(offset_, kEnd, found);
}

std::string GzipFile::what_stopped_it() const {
  int code = Z_OK;
  const std::string message = gzerror(file_, &code);
  if (code == Z_OK || code == Z_STREAM_END) return kEnd;
  const std::string prefix = name_ + ": ";  // the messages of zlib begin with the file name
  const std::string what = message.substr(message.starts_with(prefix) ? prefix.size() : 0);
  return code == Z_ERRNO ? "a read error: " + what : "damaged gzip data: " + what;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
