// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/parse_json.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>
#include <xgrad/datasets/internal/gzip_file.hpp>
#include <xgrad/datasets/internal/npy_file.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostAxes = 32;  // the limit of NumPy
constexpr std::size_t kLongestHeader = std::size_t{1} << 20;

/// The kinds of numbers with their sizes in bytes.
constexpr std::array<std::string_view, 12> kTypes{"i1", "i2", "i4", "i8", "u1", "u2",
                                                  "u4", "u8", "f2", "f4", "f8", "b1"};

/// Translates a dictionary of Python to JSON: its quotes, booleans, parentheses and last commas.
std::string python_to_json(std::string text) {
  for (const std::string_view word : {"True", "False"}) {
    const std::size_t at = text.find(word);
    if (at != std::string::npos) text[at] = word == "True" ? 't' : 'f';
  }
  std::string result;
  for (const char c : text) {
    const bool is_end = c == ')' || c == ']' || c == '}';
    const std::size_t last = is_end ? result.find_last_not_of(" \n") : std::string::npos;
    if (last != std::string::npos && result[last] == ',') result.erase(last);
    result += c == '\'' ? '"' : c == '(' ? '[' : c == ')' ? ']' : c;
  }
  return result;
}

void read_type(const GzipFile& file, std::size_t offset, const std::string& type, NpyFile& npy) {
  const std::string_view orders = type.ends_with('1') ? "<>=|" : "<>=";
  const bool is_known = type.size() == 3 && orders.find(type[0]) != std::string_view::npos &&
                        std::find(kTypes.begin(), kTypes.end(), type.substr(1)) != kTypes.end();
  if (!is_known) {
    file.fail(offset, "a type of integers, floats or bools of 1 to 8 bytes", excerpt(type));
  }
  npy.kind = type[1];
  npy.item = static_cast<std::size_t>(type[2] - '0');
  npy.is_big_endian = type[0] == '>' || (type[0] == '=' && std::endian::native == std::endian::big);
}

void read_header(const GzipFile& file, std::size_t offset, const std::string& text, NpyFile& npy) {
  JsonTree tree;
  const auto refuse_header = [&](const std::string& why) {
    file.fail(offset, "a header with the keys descr, fortran_order and shape",
              excerpt(text) + ", in which " + why);
  };
  const std::string error = parse_json(python_to_json(text), "the header", tree);
  if (!error.empty()) refuse_header(error);
  try {
    if (tree.root.size() != 3) refuse_header("the number of keys is not 3");
    if (tree.root.at("descr").is_array()) refuse_header("descr describes records");
    read_type(file, offset, tree.root.at("descr").get<std::string>(), npy);
    npy.is_fortran = tree.root.at("fortran_order").get<bool>();
    const auto extents = to_unsigned_list(tree.root.at("shape"));
    if (extents.size() > kMostAxes) refuse_header("the shape has more than 32 extents");
    npy.shape = Shape(extents.begin(), extents.end());
  } catch (const nlohmann::json::exception& other_kind) {
    refuse_header(other_kind.what());
  }
}

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
  read_header(file, header_offset, text, npy);
  npy.data_offset = file.offset();
  file.append(npy.bytes, count_elements(file, npy) * npy.item);
  file.require_end();
  return npy;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
