// SPDX-License-Identifier: MIT
#pragma once

// Runs the example program `predict`, which classifies images.

#include <gtest/gtest.h>
#include <png.h>
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "support/program.hpp"

namespace xgrad::test {

/// Returns a PGM image. `kind` is "P5" (binary) or "P2" (text).
inline std::string pgm(const char* kind, std::size_t width, std::size_t height,
                       const std::function<int(std::size_t x, std::size_t y)>& value) {
  std::string text = kind + std::string("\n# drawn by hand\n") + std::to_string(width) + " " +
                     std::to_string(height) + "\n255\n";
  for (std::size_t i = 0; i < width * height; ++i) {
    const int v = value(i % width, i / width);
    text += kind[1] == '2' ? std::to_string(v) + "\n" : std::string(1, static_cast<char>(v));
  }
  return text;
}

/// Runs the program with a net for 2 x 2 pixels whose four outputs are the four pixels.
struct PredictTest : ProgramTest {
  PredictTest() : ProgramTest(XGRAD_PREDICT) {
    nn::Linear& layer = net.add(nn::Linear(4, 4, rng));
    Array identity = zeros({4, 4});
    for (std::size_t i = 0; i < 4; ++i) identity(i, i) = 1;
    layer.weight.assign(identity);
    layer.bias.assign(zeros({4}));
    train::save_parameters(scratch / "net", net);
  }
  void write(const std::string& name, const std::string& bytes) {
    write_bytes(scratch / name, bytes);
  }
  void write_png(const std::string& name, std::uint32_t width, std::uint32_t height,
                 std::uint32_t format, const std::vector<std::uint8_t>& pixels) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = format;
    ASSERT_NE(
        png_image_write_to_file(&image, (scratch / name).c_str(), 0, pixels.data(), 0, nullptr), 0)
        << image.message;
  }
  /// Returns the four pixels that the net received, as bytes.
  std::vector<int> seen(const std::string& arguments) {
    const Outcome outcome = run("net " + arguments + " --logits");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    std::istringstream numbers(outcome.out);
    std::vector<int> result;
    for (double x = 0; numbers >> x;) result.push_back(static_cast<int>(std::lround(255 * x)));
    return result;
  }
  /// Returns a LeNet whose first kernel has the weight 1 in the middle, and whose second kernel has
  /// the weight -1 left of the middle. The other weights of the first layer are 0.
  nn::Sequential make_lenet() {
    nn::Sequential lenet{nn::Conv2d(1, 6, 5, rng, {.padding = 2}),
                         nn::ReLU(),
                         nn::MaxPool2d(2),
                         nn::Conv2d(6, 16, 5, rng),
                         nn::ReLU(),
                         nn::MaxPool2d(2),
                         nn::Flatten(),
                         nn::Linear(400, 120, rng),
                         nn::ReLU(),
                         nn::Linear(120, 84, rng),
                         nn::ReLU(),
                         nn::Linear(84, 10, rng)};
    Array kernels = zeros({6, 1, 5, 5});
    kernels(0, 0, 2, 2) = 1;
    kernels(1, 0, 2, 1) = -1;
    lenet.parameters()[0].assign(kernels);
    lenet.parameters()[1].assign(zeros({6}));
    return lenet;
  }
  Rng rng{0};
  nn::Sequential net;
};

using Pixels = std::vector<int>;

}  // namespace xgrad::test
