// SPDX-License-Identifier: MIT
#include <xgrad/train/safetensors.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/train/json.hpp>

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr std::size_t kCrcBytes = sizeof(std::uint32_t);

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string json_of_numbers(const std::vector<std::size_t>& numbers) {
  std::vector<std::string> texts;
  for (const std::size_t number : numbers) texts.push_back(json_of(number));
  return json_array(texts);
}

std::string entry_of(const char* dtype, const std::vector<std::size_t>& shape, std::size_t begin,
                     std::size_t end) {
  return json_object({{"dtype", json_text(dtype)},
                      {"shape", json_of_numbers(shape)},
                      {"data_offsets", json_of_numbers({begin, end})}});
}

std::string entry_of(const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, text] : metadata) members.emplace_back(name, json_text(text));
  return json_object(members);
}

template <class Stored>
Array converted(std::string_view bytes, const Shape& shape) {
  Array result = uninitialized(shape);
  for (std::size_t i = 0; i < result.size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    result.data()[i] = static_cast<Scalar>(value);
  }
  return result;
}

}  // namespace

NamedArrays parameters_of(const nn::Module& model, const std::string& prefix) {
  NamedArrays result;
  for (const auto& [name, p] : model.named_parameters()) {
    result.emplace_back(prefix + name, &p.value());
  }
  return result;
}

void write_safetensors(const char* where, const std::filesystem::path& path,
                       const NamedArrays& tensors, std::map<std::string, std::string> metadata,
                       Checksum checksum) {
  metadata.insert({{"format", "pt"}, {"producer", "xgrad"}});
  std::vector<std::pair<std::string, std::string>> header{{"__metadata__", entry_of(metadata)}};
  std::string data;
  for (const auto& [name, array] : tensors) {
    if (name == "__metadata__") {
      throw DataError("[" + std::string(where) +
                      "] no parameter can be named \"__metadata__\" in a safetensors file");
    }
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(array->data()), array->size() * sizeof(Scalar));
    header.emplace_back(
        name, entry_of(kDtype, {array->shape().begin(), array->shape().end()}, begin, data.size()));
  }
  if (checksum == Checksum::crc32) {
    header.emplace_back("crc32", entry_of("U8", {kCrcBytes}, data.size(), data.size() + kCrcBytes));
  }
  try {
    for (const auto& [name, entry] : header) require_utf8(name);
  } catch (const JsonError&) {
    throw DataError("[" + std::string(where) + "] a parameter's name is not UTF-8");
  }
  std::string text = json_object(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the numbers start aligned
  std::string file(bytes_of(std::uint64_t{text.size()}));
  file.append(text).append(data);
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
  const JsonValue header = [&] {
    try {
      return JsonValue::parse(text);
    } catch (const JsonError&) {
      return JsonValue();
    }
  }();
  if (!header.is_object()) fail("not a safetensors file: the header is not a JSON object");
  for (const auto& [name, entry] : header.members()) {
    const char* key = "__metadata__";
    try {
      if (name == key) {
        if (!entry.is_object()) throw JsonError("[json] an object is needed");
        for (const auto& [each, value] : entry.members()) {
          metadata_[each] = value.get<std::string>();
        }
        continue;
      }
      const auto shape = entry.at(key = "shape").get_array<std::size_t>();
      const auto dtype = entry.at(key = "dtype").get<std::string>();
      const auto place = entry.at(key = "data_offsets").get_array<std::size_t>();
      if (place.size() != 2) throw JsonError("[json] two numbers are needed");
      if (place[0] > place[1]) fail("\"" + name + "\" ends before it begins");
      if (place[1] > data.size()) {
        fail("cut short: \"" + name + "\" ends at byte " + std::to_string(place[1]) +
             " of the data, the file has " + std::to_string(data.size()));
      }
      tensors_[name] = {dtype, Shape(shape.begin(), shape.end()),
                        data.substr(place[0], place[1] - place[0])};
    } catch (const JsonError&) {
      fail("the header has no valid \"" + std::string(key) + "\" for \"" + name + "\"");
    }
  }
}

void SafetensorsFile::require_checksum() const {
  const std::string_view all = bytes_;
  const std::size_t end = all.size() - std::min(all.size(), kCrcBytes);
  if (all.substr(end) != bytes_of(crc_of(all.substr(0, end)))) {
    fail("the checksum at its end does not fit: the file was cut short or altered");
  }
}

void SafetensorsFile::require_numbers(const std::string& name, const Stored& stored) const {
  if (stored.dtype != "F32" && stored.dtype != "F64") {
    fail("\"" + name + "\" has dtype " + stored.dtype + "; F32 and F64 can be read");
  }
  std::size_t bytes = 0;
  try {
    bytes = element_count(stored.shape) * (stored.dtype == "F32" ? 4 : 8);
  } catch (const ShapeError& too_large) {
    fail("\"" + name + "\": " + too_large.what());
  }
  if (stored.bytes.size() != bytes) {
    fail("\"" + name + "\" needs " + std::to_string(bytes) + " bytes, its place has " +
         std::to_string(stored.bytes.size()));
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
  if (found == tensors_.end()) fail("the model's \"" + name + "\" is not in the file");
  const Stored& stored = found->second;
  if (stored.shape != shape) {
    fail("\"" + name + "\" has shape " + to_string(stored.shape) + ", the model's has " +
         to_string(shape));
  }
  require_numbers(name, stored);
  return stored.dtype == "F32" ? converted<float>(stored.bytes, shape)
                               : converted<double>(stored.bytes, shape);
}

std::vector<Array> SafetensorsFile::read_parameters(const std::string& prefix,
                                                    const nn::Module& model) const {
  std::vector<Array> values;
  auto surplus = tensors_;
  for (const auto& [name, tensor] : model.named_parameters()) {
    values.push_back(read(prefix + name, tensor.shape()));
    surplus.erase(prefix + name);
  }
  for (const auto& [name, stored] : surplus) {
    if (name.starts_with(prefix)) fail("the file's \"" + name + "\" is not in the model");
  }
  return values;
}

}  // namespace xgrad::inline XGRAD_ABI::train
