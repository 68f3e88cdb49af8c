// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/safetensors.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/parse_json.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr std::size_t kCrcBytes = sizeof(std::uint32_t);
constexpr const char* kMetadata = "__metadata__";

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// Returns the text as a JSON string. Throws nlohmann::json::exception if it is not UTF-8.
std::string quoted(const std::string& text) { return json(text).dump(); }

template <class Numbers>
std::string json_of(const Numbers& numbers) {
  std::string text;
  for (const std::size_t number : numbers) {
    text.append(text.empty() ? "[" : ",").append(std::to_string(number));
  }
  return text.empty() ? "[]" : text + "]";
}

/// Appends the member of the header for one tensor.
void append_entry(std::string& header, const std::string& name, const char* dtype,
                  const Shape& shape, std::size_t begin, std::size_t end) {
  header.append(",").append(quoted(name)).append(R"(:{"dtype":")").append(dtype);
  header.append(R"(","shape":)").append(json_of(shape));
  header.append(R"(,"data_offsets":)").append(json_of(std::array{begin, end})).append("}");
}

template <class Stored>
Stored number_at(std::string_view bytes, std::size_t offset) {
  Stored value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class Stored>
Array converted(std::string_view bytes, const Shape& shape) {
  Array result = empty(shape);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.data()[i] = static_cast<Scalar>(number_at<Stored>(bytes, i * sizeof(Stored)));
  }
  return result;
}

/// Returns the bits of a number of this dtype, or 0 if the format has no such dtype.
std::size_t bits_of(std::string_view dtype) {
  using Dtype = std::pair<std::string_view, std::size_t>;
  constexpr std::array<Dtype, 22> dtypes{
      {{"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"BOOL", 8},    {"U8", 8},
       {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
       {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
       {"I32", 32},        {"U32", 32},    {"F32", 32},    {"F64", 64},    {"I64", 64},
       {"U64", 64},        {"C64", 64}}};
  for (const auto& [name, bits] : dtypes) {
    if (name == dtype) return bits;
  }
  return 0;
}

}  // namespace

NamedArrays tensors_of(const nn::Module& model, const std::string& prefix) {
  NamedArrays result;
  for (const auto& [name, tensor] : model.named_state()) {
    result.emplace_back(prefix + name, &tensor.value());
  }
  return result;
}

void write_safetensors(const char* where, const std::filesystem::path& path,
                       const NamedArrays& tensors, std::map<std::string, std::string> metadata,
                       Checksum checksum) {
  metadata.insert({{"format", "pt"}, {"producer", "xgrad"}});
  std::string header, data;
  try {
    JsonTree tree;
    tree.root = metadata;
    header.append(R"({"__metadata__":)").append(tree.root.dump());
    for (const auto& [name, array] : tensors) {
      if (name == kMetadata) {
        throw DataError("[" + std::string(where) + "] no parameter can be named \"" + kMetadata +
                        "\" in a safetensors file");
      }
      const std::size_t begin = data.size();
      data.append(reinterpret_cast<const char*>(array->data()), array->size() * sizeof(Scalar));
      append_entry(header, name, kDtype, array->shape(), begin, data.size());
    }
  } catch (const json::exception&) {
    throw DataError("[" + std::string(where) + "] a parameter's name is not UTF-8");
  }
  if (checksum == Checksum::crc32) {
    append_entry(header, "crc32", "U8", {kCrcBytes}, data.size(), data.size() + kCrcBytes);
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');  // so that the numbers start aligned
  std::string file(bytes_of(std::uint64_t{header.size()}));
  file.append(header).append(data);
  if (checksum == Checksum::crc32) file.append(bytes_of(crc_of(file)));
  write_file(where, path, file);
}

SafetensorsFile::SafetensorsFile(const char* where, const std::filesystem::path& path)
    : where_(where), path_(path), bytes_(read_file(where, path)) {
  std::uint64_t length = 0;
  if (bytes_.size() < sizeof length) fail("not a safetensors file: shorter than 8 bytes");
  std::memcpy(&length, bytes_.data(), sizeof length);
  if (length > kMaxHeader || length > bytes_.size() - sizeof length) {
    fail("not a safetensors file, or cut short: the header should take " + std::to_string(length) +
         " bytes, the file has " + std::to_string(bytes_.size()));
  }
  const std::string_view rest = std::string_view(bytes_).substr(sizeof length);
  parse_header(rest.substr(0, length), rest.substr(length));
}

void SafetensorsFile::fail(const std::string& what) const {
  throw DataError("[" + std::string(where_) + "] " + absolute_name(path_) + ": " + what);
}

void SafetensorsFile::parse_header(std::string_view text, std::string_view data) {
  JsonTree header;
  const std::string error = text.starts_with('{') ? parse_json(text, "the header", header)
                                                  : "the header is not a JSON object";
  if (!error.empty()) fail("not a safetensors file: " + error);
  for (const auto& [name, entry] : header.root.get_ref<const json::object_t&>()) {
    const char* key = kMetadata;
    const auto fail_for_key = [&, &name = name] {  // clang 14 does not capture `name`
      fail("the header has no valid \"" + std::string(key) + "\" for \"" + name + "\"");
    };
    try {
      if (name == kMetadata) {
        if (!entry.is_null()) metadata_ = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto shape = to_unsigned_list(entry.at(key = "shape"));
      const auto dtype = entry.at(key = "dtype").get<std::string>();
      const auto offsets = to_unsigned_list(entry.at(key = "data_offsets"));
      if (offsets.size() != 2) fail_for_key();
      const std::size_t begin = offsets[0], end = offsets[1];
      if (begin > end) fail("\"" + name + "\" ends before it begins");
      if (end > data.size()) {
        fail("cut short: \"" + name + "\" ends at byte " + std::to_string(end) +
             " of the data, the file has " + std::to_string(data.size()));
      }
      const Stored stored{dtype, Shape(shape.begin(), shape.end()), begin,
                          data.substr(begin, end - begin)};
      require_size(name, stored);
      tensors_[name] = stored;
    } catch (const json::exception&) {
      fail_for_key();
    }
  }
  require_no_gaps(data.size());
}

void SafetensorsFile::require_size(const std::string& name, const Stored& stored) const {
  const std::size_t bits = bits_of(stored.dtype);
  if (bits == 0) fail_for_dtype(name, stored);
  std::size_t count = 0;
  try {
    count = element_count(stored.shape);
  } catch (const ShapeError& too_large) {
    fail("\"" + name + "\": " + too_large.what());
  }
  const std::size_t bytes = bits < 8 ? (count * bits + 7) / 8 : count * (bits / 8);
  if (stored.bytes.size() != bytes || (bits < 8 && count * bits % 8 != 0)) {
    fail("\"" + name + "\" needs " + std::to_string(bytes) + " bytes, its place has " +
         std::to_string(stored.bytes.size()));
  }
}

void SafetensorsFile::require_no_gaps(std::size_t data_size) const {
  using Place = std::tuple<std::size_t, std::size_t, std::string>;  // begin, end, name
  std::vector<Place> places;
  for (const auto& [name, stored] : tensors_) {
    places.emplace_back(stored.begin, stored.begin + stored.bytes.size(), name);
  }
  std::sort(places.begin(), places.end());
  std::size_t end_before = 0;
  for (const auto& [begin, end, name] : places) {
    if (begin != end_before) {
      fail("\"" + name + "\" begins at byte " + std::to_string(begin) +
           " of the data, the tensor before it ends at byte " + std::to_string(end_before));
    }
    end_before = end;
  }
  if (end_before != data_size) {
    fail("the last tensor" + (places.empty() ? "" : " \"" + std::get<2>(places.back()) + "\"") +
         " ends at byte " + std::to_string(end_before) + " of the data, the file has " +
         std::to_string(data_size));
  }
}

void SafetensorsFile::require_checksum() const {
  const std::string_view all = bytes_;
  const std::size_t end = all.size() - std::min(all.size(), kCrcBytes);
  if (all.substr(end) != bytes_of(crc_of(all.substr(0, end)))) {
    fail("the checksum at its end does not fit: the file was cut short or altered");
  }
}

void SafetensorsFile::fail_for_dtype(const std::string& name, const Stored& stored) const {
  fail("\"" + name + "\" has dtype " + stored.dtype + "; F32 and F64 can be read");
}

void SafetensorsFile::require_numbers(const std::string& name, const Stored& stored) const {
  if (stored.dtype != "F32" && stored.dtype != "F64") fail_for_dtype(name, stored);
  if (stored.dtype == kDtype || stored.dtype == "F32") return;
  for (std::size_t i = 0; i < stored.bytes.size(); i += sizeof(double)) {
    const auto value = number_at<double>(stored.bytes, i);
    if (std::isfinite(value) && !std::isfinite(static_cast<Scalar>(value))) {
      fail("\"" + name + "\" contains " + format_number(value) + ", which is too large for F32");
    }
  }
}

std::map<std::string, Shape> SafetensorsFile::shapes() const {
  std::map<std::string, Shape> result;
  for (const auto& [name, stored] : tensors_) {
    require_numbers(name, stored);
    result[name] = stored.shape;
  }
  return result;
}

Array SafetensorsFile::read(const std::string& name, const Shape& shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    fail("the model's \"" + name + "\" is not in the file" +
         (tensors_.contains("model." + name) ? "; set the option prefix to \"model.\"" : ""));
  }
  const Stored& stored = found->second;
  if (stored.shape != shape) {
    fail("\"" + name + "\" has shape " + to_string(stored.shape) + ", the model's has " +
         to_string(shape));
  }
  require_numbers(name, stored);
  return stored.dtype == "F32" ? converted<float>(stored.bytes, shape)
                               : converted<double>(stored.bytes, shape);
}

std::map<std::string, Array> SafetensorsFile::read_all(const std::string& prefix) const {
  std::map<std::string, Array> result;
  for (const auto& [name, stored] : tensors_) {
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = read(name, stored.shape);
  }
  return result;
}

NewValues SafetensorsFile::read_model(const nn::Module& model, const std::string& prefix,
                                      bool strict) const {
  NewValues result;
  auto surplus = tensors_;
  for (const auto& [name, tensor] : model.named_state()) {
    surplus.erase(prefix + name);
    if (!strict && !contains(prefix + name)) continue;
    result.emplace_back(tensor, read(prefix + name, tensor.shape()));
  }
  if (!strict && result.empty()) {
    fail("none of the model's tensors is in the file, where their names must begin with \"" +
         prefix + "\"");
  }
  for (const auto& [name, stored] : surplus) {
    if (strict && name.starts_with(prefix)) {
      fail("the file's \"" + name + "\" is not in the model");
    }
  }
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::train
