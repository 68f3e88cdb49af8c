// SPDX-License-Identifier: MIT
#include <xgrad/train/parameters.hpp>

#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/train/internal/safetensors.hpp>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr const char* kEncoder = "xgrad_encoder";  // its key in the metadata of a file

void write_parameters(const std::filesystem::path& path, const nn::Module& model,
                      std::map<std::string, std::string> metadata) {
  const FileLog log("save_parameters", path);
  write_safetensors("save_parameters", path, tensors_of(model, ""), std::move(metadata),
                    Checksum::none);
  log.saved();
}

}  // namespace

void save_parameters(const std::filesystem::path& path, const nn::Module& model) {
  write_parameters(path, model, {});
}

void save_parameters(const std::filesystem::path& path, const nn::Module& model,
                     const datasets::RowEncoder& encoder) {
  write_parameters(path, model, {{kEncoder, encoder.to_json()}});
}

datasets::RowEncoder read_encoder(const std::filesystem::path& path) {
  const SafetensorsFile file("read_encoder", path);
  const auto found = file.metadata().find(kEncoder);
  if (found == file.metadata().end()) {
    file.fail("contains no encoder; give save_parameters the encoder of the training data");
  }
  try {
    return datasets::RowEncoder::from_json(found->second);
  } catch (const DataError& damaged) {
    file.fail(std::string(kEncoder) + " is damaged: " + damaged.what());
  }
}

std::map<std::string, Shape> parameter_shapes(const std::filesystem::path& path) {
  return SafetensorsFile("parameter_shapes", path).shapes();
}

std::map<std::string, Array> read_tensors(const std::filesystem::path& path,
                                          const std::string& prefix) {
  return SafetensorsFile("read_tensors", path).read_all(prefix);
}

std::vector<std::string> load_parameters(const std::filesystem::path& path, nn::Module& model,
                                         const LoadOptions& options) {
  const FileLog log("load_parameters", path);
  const SafetensorsFile file("load_parameters", path);
  NewValues values = file.read_model(model, options.prefix, options.strict);
  std::vector<std::string> missing;
  for (const auto& [name, tensor] : model.named_state()) {
    if (!file.contains(options.prefix + name)) missing.push_back(name);
  }
  for (auto& [tensor, value] : values) tensor.assign(value);
  log.loaded();
  return missing;
}

}  // namespace xgrad::inline XGRAD_ABI::train
