// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>
#include <xgrad/datasets/internal/gzip_file.hpp>
#include <xgrad/datasets/internal/npy_file.hpp>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostAxes = 32;  // the limit of NumPy
constexpr std::size_t kLongestHeader = std::size_t{1} << 20;

/// Returns the sizes in bytes of a kind of numbers, one character each.
std::string_view sizes_of(char kind) {
  switch (kind) {
    case 'i':
    case 'u':
      return "1248";
    case 'f':
      return "248";
    case 'b':
      return "1";
    default:
      return "";
  }
}

/// Reads the header, a dictionary in the syntax of Python:
/// {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(const GzipFile& file, std::size_t offset, std::string_view text)
      : file_(file), offset_(offset), text_(text), all_(text) {}

  void read(NpyFile& npy) {
    require('{');
    bool has_type = false, has_order = false, has_shape = false;
    while (!take('}')) {
      const std::string key = quoted();
      require(':');
      if (key == "descr" && !std::exchange(has_type, true)) {
        read_type(npy);
      } else if (key == "fortran_order" && !std::exchange(has_order, true)) {
        npy.is_fortran = boolean();
      } else if (key == "shape" && !std::exchange(has_shape, true)) {
        read_shape(npy.shape);
      } else {
        fail("the keys descr, fortran_order and shape, each once", excerpt(key));
      }
      if (!take(',') && !text_.starts_with('}')) fail("a comma", rest());
    }
    skip_blanks();
    if (!text_.empty()) fail("the end of the header", rest());
    if (!has_type || !has_order || !has_shape) {
      fail("the keys descr, fortran_order and shape", excerpt(all_));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    file_.fail(offset_ + all_.size() - text_.size(), expected, found);
  }
  std::string rest() const { return text_.empty() ? "the end of the header" : excerpt(text_); }
  void skip_blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void require(char c) {
    if (!take(c)) fail(std::string("the character ") + c, rest());
  }
  std::string quoted() {
    const char quote = take('"') ? '"' : '\'';
    if (quote == '\'' && !take('\'')) fail("a string; arrays of records are not read", rest());
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail("a closing quote", rest());
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool boolean() {
    skip_blanks();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    fail("True or False", rest());
  }
  void read_type(NpyFile& npy) {
    const std::string type = quoted();
    const std::string_view orders = type.ends_with('1') ? "<>=|" : "<>=";
    const bool is_known = type.size() == 3 && orders.find(type[0]) != std::string_view::npos &&
                          sizes_of(type[1]).find(type[2]) != std::string_view::npos;
    if (!is_known) fail("a type of integers, floats or bools of 1 to 8 bytes", excerpt(type));
    npy.kind = type[1];
    npy.item = static_cast<std::size_t>(type[2] - '0');
    npy.is_big_endian =
        type[0] == '>' || (type[0] == '=' && std::endian::native == std::endian::big);
  }
  void read_shape(Shape& shape) {
    require('(');
    std::vector<std::size_t> extents;
    while (!take(')')) {
      skip_blanks();
      std::size_t extent = 0;
      const char* const begin = text_.data();
      const auto [end, error] = std::from_chars(begin, begin + text_.size(), extent);
      if (error != std::errc() || extents.size() == kMostAxes) {
        fail("at most 32 extents", rest());
      }
      text_.remove_prefix(static_cast<std::size_t>(end - begin));
      extents.push_back(extent);
      if (!take(',') && !text_.starts_with(')')) fail("a comma", rest());
    }
    shape = Shape(extents.begin(), extents.end());
  }

  const GzipFile& file_;
  std::size_t offset_;     ///< offset of the header in the file
  std::string_view text_;  ///< unread rest of the header
  std::string_view all_;   ///< the header
};

/// Returns the number of elements. Throws DataError if so many bytes cannot fit in memory.
std::size_t count_elements(const GzipFile& file, const NpyFile& npy) {
  constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
  std::size_t count = 1;
  for (const std::size_t extent : npy.shape) {
    if (extent > 0 && count > most / npy.item / extent) {
      file.fail(file.offset(), "an array that fits in memory", "extent " + std::to_string(extent));
    }
    count *= extent;
  }
  return count;
}

double half_number(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
  return sign * std::ldexp(exponent == 0 ? fraction : fraction + 1024, std::max(exponent, 1) - 25);
}

}  // namespace

std::size_t NpyFile::position(std::size_t i) const {
  if (!is_fortran) return i;
  std::size_t place = 0, stride = size();
  for (std::size_t axis = shape.size(); axis-- > 0;) {  // the last axis has the largest stride
    stride /= shape[axis];
    place += i % shape[axis] * stride;
    i /= shape[axis];
  }
  return place;
}

double NpyFile::number(std::size_t position) const {
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < item; ++k) {
    const std::size_t byte = is_big_endian ? k : item - 1 - k;
    bits = bits << 8 | bytes[position * item + byte];
  }
  if (kind == 'u' || kind == 'b') return static_cast<double>(bits);
  if (kind == 'i') {
    const auto unused = static_cast<int>(64 - 8 * item);
    return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
  }
  if (item == 2) return half_number(static_cast<std::uint16_t>(bits));
  if (item == 4) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  return std::bit_cast<double>(bits);
}

void NpyFile::fail(std::size_t position, const std::string& expected,
                   const std::string& found) const {
  throw DataError("[npy] " + name + ": offset " + std::to_string(data_offset + position * item) +
                  ": expected " + expected + ", found " + found);
}

NpyFile read_npy_file(const std::filesystem::path& path) {
  GzipFile file("npy", path);
  std::uint8_t start[8] = {};
  file.read(start, sizeof start);
  const std::string_view magic(reinterpret_cast<const char*>(start), kMagic.size());
  if (magic != kMagic)
    file.fail(0, "a file of numpy.save, which begins with \\x93NUMPY", "other bytes");
  const std::size_t version = start[6];
  if (version < 1 || version > 3) file.fail(6, "version 1, 2 or 3", std::to_string(version));
  std::uint8_t length_bytes[4] = {};
  file.read(length_bytes, version == 1 ? 2 : 4);
  std::size_t length = 0;
  for (std::size_t k = 4; k-- > 0;) length = length << 8 | length_bytes[k];
  if (length > kLongestHeader) file.fail(8, "a header of at most 1 MiB", std::to_string(length));
  const std::size_t header_offset = file.offset();
  std::string text;
  file.append(text, length);
  NpyFile npy{.name = absolute_name(path)};
  HeaderParser(file, header_offset, text).read(npy);
  npy.data_offset = file.offset();
  file.append(npy.bytes, count_elements(file, npy) * npy.item);
  file.require_end();
  return npy;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
