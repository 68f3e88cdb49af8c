// SPDX-License-Identifier: MIT
#include <xgrad/train/parameters.hpp>

#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/train/internal/safetensors.hpp>

namespace xgrad::inline XGRAD_ABI::train {

void save_parameters(const std::filesystem::path& path, const nn::Module& model) {
  const FileLog log("save_parameters", path);
  write_safetensors("save_parameters", path, parameters_of(model, ""), {}, Checksum::none);
  log.saved();
}

std::map<std::string, Shape> parameter_shapes(const std::filesystem::path& path) {
  return SafetensorsFile("parameter_shapes", path).shapes();
}

void load_parameters(const std::filesystem::path& path, nn::Module& model) {
  const FileLog log("load_parameters", path);
  const SafetensorsFile file("load_parameters", path);
  const std::vector<Array> values = file.read_parameters("", model);
  std::vector<Tensor> parameters = model.parameters();
  for (std::size_t i = 0; i < values.size(); ++i) parameters[i].assign(values[i]);
  log.loaded();
}

}  // namespace xgrad::inline XGRAD_ABI::train
