// SPDX-License-Identifier: MIT
#pragma once

// Runs the example program `train_mnist`.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "datasets/idx_files.hpp"
#include "support/program.hpp"

namespace xgrad::test {

struct TrainMnistTest : ProgramTest {
  TrainMnistTest() : ProgramTest(XGRAD_TRAIN_MNIST) {}

  /// Writes a folder `mnist` with `rows` images of 28 x 28 pixels for training and for testing. The
  /// class is the number of the bright row.
  void write_mnist(std::uint32_t rows) {
    std::filesystem::create_directory(scratch / "mnist");
    std::string pixels, labels;
    for (std::uint32_t i = 0; i < rows; ++i) {
      const std::size_t label = i % 10;
      labels += static_cast<char>(label);
      for (std::size_t y = 0; y < 28; ++y) pixels += std::string(28, y == 9 + label ? '\xFF' : 0);
    }
    for (const std::string part : {"train", "t10k"}) {
      write_bytes(scratch / ("mnist/" + part + "-images-idx3-ubyte"), idx({rows, 28, 28}, pixels));
      write_bytes(scratch / ("mnist/" + part + "-labels-idx1-ubyte"), idx({rows}, labels));
    }
  }
};

}  // namespace xgrad::test
