// SPDX-License-Identifier: MIT
// Measures batch assembly: shuffled epochs over 60,000 images of 784 bytes, the size of MNIST's
// training set. Reports images per second.
#include "micro.hpp"

namespace micro {

void register_loader() {
  for (const std::size_t batch_size : {1u, 64u, 512u}) {
    add("loader/" + std::to_string(batch_size), [=](benchmark::State& state) {
      constexpr std::size_t rows = 60000, features = 784, classes = 10;
      xgrad::datasets::Bytes pixels{std::vector<std::uint8_t>(rows * features, 7), features};
      xgrad::datasets::DataLoader loader(
          xgrad::datasets::Dataset(std::move(pixels), random_labels(rows, classes), classes),
          {.batch_size = batch_size});
      for (auto _ : state) {
        for (auto& [x, y] : loader) benchmark::DoNotOptimize(x.value().data());
      }
      count_items(state, rows);
    });
  }
}

}  // namespace micro
