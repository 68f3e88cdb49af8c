// SPDX-License-Identifier: MIT
#include "features.hpp"

#include <algorithm>
#include <cmath>

using namespace xgrad;

namespace {

constexpr std::size_t kCell = 112, kGap = 8, kMostKernels = 8;

/// Draws the matrix m, of which 1 is white and 0 is black, into a cell of the picture.
void draw_matrix(Image& picture, std::size_t row, std::size_t column, const Array& m) {
  const std::size_t height = m.shape(0), width = m.shape(1);
  const std::size_t scale = std::max<std::size_t>(kCell / std::max(height, width), 1);
  for (std::size_t y = 0; y < std::min(height * scale, kCell); ++y) {
    for (std::size_t x = 0; x < std::min(width * scale, kCell); ++x) {
      const double value = std::clamp(static_cast<double>(m(y / scale, x / scale)), 0.0, 1.0);
      const std::size_t top = kGap + row * (kCell + kGap), left = kGap + column * (kCell + kGap);
      picture.pixels[(top + y) * picture.width + left + x] =
          static_cast<std::uint8_t>(std::lround(255 * value));
    }
  }
}

}  // namespace

Image draw_features(nn::Sequential& model, const Tensor& image) {
  const Tensor weight = model.parameters().front();
  if (weight.ndim() != 4) {
    throw OptionError(
        "[draw_features] the network must begin with a convolution, but its first weight has the "
        "shape " +
        to_string(weight.shape()));
  }
  const nn::EvalModeGuard guard(model);
  const NoGradGuard no_graph;
  Tensor maps = model[0].forward(image);
  for (std::size_t i = 1; i < model.size() && model[i - 1].description() != "ReLU"; ++i) {
    maps = model[i].forward(maps);
  }
  const std::size_t count = std::min(weight.shape()[0], kMostKernels);
  Image picture{kGap + (count + 1) * (kCell + kGap), kGap + 2 * (kCell + kGap), {}};
  picture.pixels.assign(picture.width * picture.height, 255);
  draw_matrix(picture, 1, 0, image[0][0].value());
  const Tensor kernels = weight / max(abs(weight)) / 2 + 0.5;
  maps = maps / maximum(max(maps), Tensor(1e-6));
  for (std::size_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::ptrdiff_t>(i);
    draw_matrix(picture, 0, i + 1, kernels[k][0].value());
    draw_matrix(picture, 1, i + 1, maps[0][k].value());
  }
  return picture;
}
