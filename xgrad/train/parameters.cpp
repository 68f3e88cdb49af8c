// SPDX-License-Identifier: MIT
// The safetensors format: 8 bytes with the header's length, a JSON header that gives each tensor's
// dtype, shape and place, then the numbers; everything little-endian.
#include <xgrad/train/parameters.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <nlohmann/json.hpp>

#include <bit>
#include <cstring>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr const char* kDtype = sizeof(Scalar) == 4 ? "F32" : "F64";

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw DataError("[load_parameters] " + absolute_name(path) + ": " + what);
}

// Reads a value of the header; nlohmann's exceptions become ours.
template <class T>
T get(const std::filesystem::path& path, const Json& entry, const char* key) {
  try {
    return entry.at(key).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail(path, std::string("the header has no valid \"") + key + "\" for a tensor");
  }
}

Json parse_header(const std::filesystem::path& path, std::string_view bytes, std::size_t& data) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) fail(path, "not a safetensors file: shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > kMaxHeader || length > bytes.size() - sizeof length) {
    fail(path, "not a safetensors file, or cut short: the header should take " +
                   std::to_string(length) + " bytes, the file has " + std::to_string(bytes.size()));
  }
  data = sizeof length + static_cast<std::size_t>(length);
  Json header = Json::parse(bytes.substr(sizeof length, length), nullptr, false);
  if (!header.is_object()) fail(path, "not a safetensors file: the header is not a JSON object");
  header.erase("__metadata__");
  return header;
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

Array read_tensor(const std::filesystem::path& path, const std::string& name, const Json& entry,
                  std::string_view data, const Shape& expected) {
  const auto extents = get<std::vector<std::size_t>>(path, entry, "shape");
  const Shape shape(extents.begin(), extents.end());
  if (shape != expected) {
    fail(path, "\"" + name + "\" has shape " + to_string(shape) + ", the model's has " +
                   to_string(expected));
  }
  const auto dtype = get<std::string>(path, entry, "dtype");
  if (dtype != "F32" && dtype != "F64") {
    fail(path, "\"" + name + "\" has dtype " + dtype + "; F32 and F64 can be read");
  }
  const auto place = get<std::vector<std::size_t>>(path, entry, "data_offsets");
  const std::size_t bytes = element_count(shape) * (dtype == "F32" ? 4 : 8);
  if (place.size() != 2 || place[0] > place[1] || place[1] - place[0] != bytes) {
    fail(path, "\"" + name + "\" needs " + std::to_string(bytes) + " bytes, its place is another");
  }
  if (place[1] > data.size()) {
    fail(path, "cut short: \"" + name + "\" ends at byte " + std::to_string(place[1]) +
                   " of the data, the file has " + std::to_string(data.size()));
  }
  const std::string_view stored = data.substr(place[0], bytes);
  return dtype == "F32" ? converted<float>(stored, shape) : converted<double>(stored, shape);
}

}  // namespace

void save_parameters(const std::filesystem::path& path, const nn::Module& model) {
  Json header = Json::object();
  header["__metadata__"] = {{"format", "pt"}, {"producer", "xgrad"}};
  std::string data;
  for (const auto& [name, tensor] : model.named_parameters()) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.value().data()),
                tensor.size() * sizeof(Scalar));
    header[name] = {
        {"dtype", kDtype},
        {"shape", std::vector<std::size_t>(tensor.shape().begin(), tensor.shape().end())},
        {"data_offsets", {begin, data.size()}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw DataError("[save_parameters] a parameter's name is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the numbers start aligned
  const std::uint64_t length = text.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  write_file("save_parameters", path, file + text + data);
}

void load_parameters(const std::filesystem::path& path, nn::Module& model) {
  const std::string bytes = read_file("load_parameters", path);
  std::size_t data_begin = 0;
  const Json header = parse_header(path, bytes, data_begin);
  const std::string_view data = std::string_view(bytes).substr(data_begin);
  auto parameters = model.named_parameters();
  std::vector<Array> values;
  for (const auto& [name, tensor] : parameters) {
    if (!header.contains(name)) fail(path, "the model's \"" + name + "\" is not in the file");
    values.push_back(read_tensor(path, name, header[name], data, tensor.shape()));
  }
  for (const auto& [name, entry] : header.items()) {
    bool known = false;
    for (const auto& parameter : parameters) known = known || parameter.first == name;
    if (!known) fail(path, "the file's \"" + name + "\" is not in the model");
  }
  for (std::size_t i = 0; i < values.size(); ++i) parameters[i].second.assign(values[i]);
}

}  // namespace xgrad::inline XGRAD_ABI::train
