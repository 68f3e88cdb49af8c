// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/06-embedding.md.
#include "show.hpp"

using namespace xgrad;

namespace {

/// Returns random points in the plane. A point inside the circle of radius 1 has label 1, any other
/// point has label 0.
datasets::Dataset make_points(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  Array x = rng.uniform({count, 2}, -1.5, 1.5);
  Labels y = Labels::from_shape({count});
  for (std::size_t i = 0; i < count; ++i) {
    y(i) = x(i, 0) * x(i, 0) + x(i, 1) * x(i, 1) < 1 ? 1 : 0;
  }
  return datasets::Dataset(x, y, {"outside", "inside"});
}

void own_data() {
  const datasets::Dataset points = make_points(1000, 1);
  Rng rng(0);
  nn::Sequential model{nn::Linear(2, 32, rng), nn::Tanh(), nn::Linear(32, 2, rng)};
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(points, {.batch_size = 50});
  train::fit(model, optimizer, loader, {.epochs = 30});

  const train::Evaluation test = train::evaluate(model, make_points(1000, 2));
  std::printf("accuracy on new points: %s\n", test.accuracy > 0.95 ? "above 95 %" : "too low");

  const NoGradGuard no_grad;
  const Tensor two(Array{{0, 0.5f}, {1.2f, 1.2f}});
  const Indices classes = argmax(model(two), 1);
  for (const int c : classes) std::puts(points.class_names()[static_cast<std::size_t>(c)].c_str());
}

void errors() {
  const auto attempt = [](auto action) {
    try {
      action();
    } catch (const Error& error) {  // ShapeError, DataError and OptionError are Errors
      std::puts(error.what());
    }
  };
  attempt([] { datasets::Dataset(Array{{1, 2}, {3, 4}}, Labels{0, 5}, 3); });
  attempt([] { optim::SGD({Tensor(Array{1, 2}, true)}, {.lr = -1}); });
  attempt([] { matmul(ones({2, 3}), ones({4, 3})); });
}

}  // namespace

int main() {
  own_data();
  errors();
}
