// SPDX-License-Identifier: MIT
#include "models.hpp"

#include <algorithm>
#include <map>

using namespace xgrad;

namespace {

nn::Sequential make_mlp(const std::vector<std::size_t>& widths, Rng& rng) {
  nn::Sequential model;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    if (i > 0) model.add(nn::ReLU());
    model.add(nn::Linear(widths[i], widths[i + 1], rng));
  }
  return model;
}

/// The input of a convolutional model.
struct Images {
  std::size_t channels, height, width;
};

/// Throws unless rows of this shape are images of at least `least` x `least` pixels.
Images require_images(const std::string& model, const Shape& row, std::size_t least) {
  if (row.size() == 3 && row[1] >= least && row[2] >= least) return {row[0], row[1], row[2]};
  throw OptionError("[" + model +
                    "] the rows must be images of shape (channels, height, width) "
                    "with at least " +
                    std::to_string(least) + " x " + std::to_string(least) +
                    " pixels, got rows of shape " + to_string(row));
}

nn::Sequential make_lenet(const Shape& row, std::size_t classes, Rng& rng) {
  const auto [channels, height, width] = require_images("lenet", row, 12);
  return nn::Sequential{nn::Conv2d(channels, 6, 5, rng, {.padding = 2}),
                        nn::ReLU(),
                        nn::MaxPool2d(2),
                        nn::Conv2d(6, 16, 5, rng),
                        nn::ReLU(),
                        nn::MaxPool2d(2),
                        nn::Flatten(),
                        nn::Linear(16 * ((height / 2 - 4) / 2) * ((width / 2 - 4) / 2), 120, rng),
                        nn::ReLU(),
                        nn::Linear(120, 84, rng),
                        nn::ReLU(),
                        nn::Linear(84, classes, rng)};
}

/// Adds a layer with the initial values of DeepOBS: weights from a normal distribution with a
/// standard deviation of 0.05 that is cut off at two deviations, and biases of 0.05.
template <class Layer>
void add_2c2d_layer(nn::Sequential& model, Layer layer, Rng& rng) {
  nn::init::truncated_normal(layer.weight, rng, 0, 0.05);
  nn::init::constant(layer.bias, 0.05);
  model.add(std::move(layer));
}

nn::Sequential make_2c2d(const Shape& row, std::size_t classes, Rng& rng) {
  const auto [channels, height, width] = require_images("2c2d", row, 4);
  nn::Sequential model;
  std::size_t in = channels;
  for (const std::size_t out : {32u, 64u}) {
    add_2c2d_layer(model, nn::Conv2d(in, out, 5, rng, {.padding = 2}), rng);
    model.add(nn::ReLU());
    model.add(nn::MaxPool2d(2));
    in = out;
  }
  model.add(nn::Flatten());
  add_2c2d_layer(model, nn::Linear(in * (height / 4) * (width / 4), 1024, rng), rng);
  model.add(nn::ReLU());
  add_2c2d_layer(model, nn::Linear(1024, classes, rng), rng);
  return model;
}

nn::Sequential make_vgg(const Shape& row, std::size_t classes, Rng& rng) {
  const auto [channels, height, width] = require_images("vgg", row, 8);
  nn::Sequential model;
  const std::vector<std::size_t> blocks[] = {{32}, {64, 64}, {128}};
  std::size_t in = channels;
  for (const std::vector<std::size_t>& block : blocks) {
    for (const std::size_t out : block) {
      model.add(nn::Conv2d(in, out, 3, rng, {.padding = 1, .bias = false}));
      model.add(nn::BatchNorm2d(out));
      model.add(nn::ReLU());
      in = out;
    }
    model.add(nn::MaxPool2d(2));
  }
  model.add(nn::Flatten());
  model.add(nn::Dropout(0.3, rng));
  model.add(nn::Linear(in * (height / 8) * (width / 8), classes, rng));
  return model;
}

std::vector<std::size_t> widths_of(const nn::Module& model) {
  std::vector<std::size_t> widths;
  for (const Tensor& p : model.parameters()) {
    if (p.ndim() == 2 && widths.empty()) widths.push_back(p.shape()[1]);
    if (p.ndim() == 2) widths.push_back(p.shape()[0]);
  }
  return widths;
}

/// Returns the widths of the "mlp" whose tensors a file contains.
std::vector<std::size_t> widths_in(const std::filesystem::path& file,
                                   const std::map<std::string, Shape>& shapes) {
  // The weights are "0.weight", "2.weight", ..., because every second module is a ReLU, which has
  // no parameters.
  std::vector<std::size_t> widths;
  for (std::size_t layer = 0;; layer += 2) {
    const auto weight = shapes.find(std::to_string(layer) + ".weight");
    if (weight == shapes.end()) return widths;
    const Shape& shape = weight->second;
    const bool fits = shape.size() == 2 && shape[0] > 0 && shape[1] > 0 &&
                      (widths.empty() || shape[1] == widths.back());
    if (!fits) {
      std::string message = "[load_model] " + file.string() + ": \"";
      message.append(weight->first).append("\" of shape ").append(to_string(shape));
      throw DataError(message + " must be a matrix with one column per output of the layer before");
    }
    if (widths.empty()) widths.push_back(shape[1]);
    widths.push_back(shape[0]);
  }
}

bool has_shapes(const nn::Module& model, const std::map<std::string, Shape>& shapes) {
  const nn::Named<Tensor> state = model.named_state();
  return state.size() == shapes.size() &&
         std::all_of(state.begin(), state.end(), [&](const auto& entry) {
           const auto found = shapes.find(entry.first);
           return found != shapes.end() && found->second == entry.second.shape();
         });
}

/// Returns the convolutional model whose tensors a file contains. train_mnist trains on images of
/// 28 x 28 pixels, or 8 x 8 without MNIST, and 10 classes.
LoadedModel find_convolutional(const std::filesystem::path& file,
                               const std::map<std::string, Shape>& shapes) {
  Rng rng(0);  // for initial values, which load_parameters() replaces
  for (const std::string& name : model_names()) {
    for (const std::size_t side : {28u, 8u}) {
      if (name == "mlp" || (name == "lenet" && side == 8)) continue;
      const Shape row{1, side, side};
      nn::Sequential model = make_model(name, row, 10, {}, rng);
      if (has_shapes(model, shapes)) return {std::move(model), row, 10};
    }
  }
  throw DataError("[load_model] " + file.string() +
                  ": \"0.weight\" belongs to a convolution, but the tensors are not those of a "
                  "model of train_mnist for images of 28 x 28 or 8 x 8 pixels");
}

}  // namespace

std::vector<std::string> model_names() { return {"mlp", "lenet", "2c2d", "vgg"}; }

nn::Sequential make_model(const std::string& name, const Shape& row, std::size_t classes,
                          const std::vector<std::size_t>& hidden, Rng& rng) {
  if (name == "lenet") return make_lenet(row, classes, rng);
  if (name == "2c2d") return make_2c2d(row, classes, rng);
  if (name == "vgg") return make_vgg(row, classes, rng);
  if (name != "mlp") {
    throw OptionError("[make_model] the model must be one of mlp, lenet, 2c2d, vgg, got \"" + name +
                      "\"");
  }
  std::vector<std::size_t> widths{element_count(row)};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(classes);
  return make_mlp(widths, rng);
}

std::string describe(const std::string& name, const nn::Module& model) {
  if (name != "mlp") {
    std::size_t count = 0;
    for (const Tensor& p : model.parameters()) count += p.size();
    return name + " (" + std::to_string(count) + " parameters)";
  }
  std::string text;
  for (const std::size_t width : widths_of(model)) {
    text += (text.empty() ? "" : "-") + std::to_string(width);
  }
  return text;
}

LoadedModel load_model(const std::filesystem::path& file) {
  const std::map<std::string, Shape> shapes = train::parameter_shapes(file);
  const auto first = shapes.find("0.weight");
  if (first == shapes.end()) {
    throw DataError("[load_model] " + file.string() +
                    ": the file must contain \"0.weight\", as files of train_mnist --save do");
  }
  LoadedModel loaded;
  if (first->second.size() == 4) {
    loaded = find_convolutional(file, shapes);
  } else {
    const std::vector<std::size_t> widths = widths_in(file, shapes);
    Rng rng(0);  // for initial values, which load_parameters() replaces
    loaded = {make_mlp(widths, rng), {widths.front()}, widths.back()};
  }
  train::load_parameters(file, loaded.model);
  return loaded;
}
