// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstdlib>
#include <filesystem>

namespace xgrad::test {

/// Why a test that needs MNIST is skipped.
inline constexpr const char* kNoMnist =
    "no MNIST in $XGRAD_DATA_DIR/mnist or data/mnist (to get it: scripts/download_mnist.sh)";

/// Returns the first folder of these two that holds MNIST, and an empty path if neither does.
inline std::filesystem::path mnist_folder() {
  const char* const root = std::getenv("XGRAD_DATA_DIR");
  for (const std::filesystem::path data : {root == nullptr ? "" : root, XGRAD_SOURCE_DIR "/data"}) {
    if (!data.empty() && datasets::has_mnist(data / "mnist")) return data / "mnist";
  }
  return {};
}

}  // namespace xgrad::test
