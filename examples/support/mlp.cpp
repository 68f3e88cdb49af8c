// SPDX-License-Identifier: MIT
#include "mlp.hpp"

using namespace xgrad;

std::vector<std::size_t> mlp_widths(const datasets::Dataset& data,
                                    const std::vector<std::size_t>& hidden) {
  std::vector<std::size_t> widths{data.features()};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(data.classes());
  return widths;
}

nn::Sequential make_mlp(const std::vector<std::size_t>& widths, Rng& rng) {
  nn::Sequential model;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    if (i > 0) model.add(nn::ReLU());
    model.add(nn::Linear(widths[i], widths[i + 1], rng));
  }
  return model;
}

nn::Sequential load_mlp(const std::filesystem::path& file) {
  const auto shapes = train::parameter_shapes(file);
  // The weights are "0.weight", "2.weight", ..., because every second module is a ReLU, which has
  // no parameters.
  std::vector<std::size_t> widths;
  for (std::size_t layer = 0;; layer += 2) {
    const auto weight = shapes.find(std::to_string(layer) + ".weight");
    if (weight == shapes.end()) break;
    const Shape& shape = weight->second;
    const bool fits = shape.size() == 2 && shape[0] > 0 && shape[1] > 0 &&
                      (widths.empty() || shape[1] == widths.back());
    if (!fits) {
      std::string message = "[load_mlp] " + file.string() + ": \"";
      message.append(weight->first).append("\" of shape ").append(to_string(shape));
      throw DataError(message + " must be a matrix with one column per output of the layer before");
    }
    if (widths.empty()) widths.push_back(shape[1]);
    widths.push_back(shape[0]);
  }
  if (widths.empty()) {
    throw DataError("[load_mlp] " + file.string() +
                    ": the file must contain \"0.weight\", as files of train_mnist --save do");
  }
  Rng rng(0);  // for initial values, which load_parameters() replaces
  nn::Sequential model = make_mlp(widths, rng);
  train::load_parameters(file, model);
  return model;
}

std::string describe(const std::vector<std::size_t>& widths) {
  std::string text;
  for (const std::size_t width : widths) {
    if (!text.empty()) text += '-';
    text += std::to_string(width);
  }
  return text;
}
