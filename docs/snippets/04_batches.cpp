// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/04-batches.md.
#include "show.hpp"

using namespace xgrad;

namespace {

void shapes() {
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 50});
  for (auto& [x, y] : loader) {
    std::printf("x (%zu, %zu)  y (%zu)\n", x.shape()[0], x.shape()[1], y.size());
  }
}

/// Trains for `steps` steps and returns the test accuracy.
double train_steps(std::size_t batch_size, std::uint64_t steps, double lr) {
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 32, rng), nn::ReLU(), nn::Linear(32, 10, rng)};
  optim::SGD optimizer(model.parameters(), {.lr = lr});
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = batch_size});
  while (optimizer.step_count() < steps) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
      if (optimizer.step_count() == steps) break;
    }
  }
  return train::evaluate(model, datasets::digits(datasets::Split::test)).accuracy;
}

void three_sizes() {
  const std::size_t rows = datasets::digits(datasets::Split::train).size();
  const std::uint64_t epochs = 5;
  struct Size {
    const char* name;
    std::size_t batch_size;
    std::uint64_t steps;
  };
  for (const auto& [name, batch_size, steps] :
       {Size{"per sample", 1, epochs * rows}, Size{"mini-batch", 32, epochs * ((rows + 31) / 32)},
        Size{"full batch", datasets::full_batch, epochs},
        Size{"full batch", datasets::full_batch, 225}}) {
    std::printf("%s  %4llu steps  test accuracy %.0f %%\n", name,
                static_cast<unsigned long long>(steps), 100 * train_steps(batch_size, steps, 0.05));
  }
}

/// Prints the mean and the stddev of one gradient element over the batches of an epoch, with fixed
/// weights.
void noise(std::size_t batch_size) {
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = batch_size});
  double total = 0, squares = 0;
  for (auto& [x, y] : loader) {
    model.zero_grad();
    cross_entropy(model(x), y).backward();
    const double g = static_cast<double>(model.weight.grad()(0, 2));
    total += g;
    squares += g * g;
  }
  const double n = static_cast<double>(loader.batches()), average = total / n;
  std::printf("batch size %3zu  mean %.3f  stddev %.3f\n", loader.rows() / loader.batches(),
              average, std::sqrt(std::max(0.0, squares / n - average * average)));
}

void same_order() {
  const datasets::DataLoaderOptions options{.batch_size = 6, .seed = 7};
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), options);
  const auto labels = [&] {
    const Labels& y = loader.begin()->y;
    for (const int label : y) std::printf(" %d", label);
    std::puts("");
  };
  labels();  // epoch 0
  labels();  // epoch 1: a different order
  loader.set_epoch(0);
  labels();  // the order of epoch 0 again
}

void augmented() {
  datasets::DataLoader loader(datasets::digits(datasets::Split::train),
                              {.batch_size = 32,
                               .transform = {datasets::shift(1), datasets::normalize(0.3, 0.4)},
                               .balance = true});
  const Tensor x = loader.begin()->x;
  std::printf("x %s\n", to_string(x.shape()).c_str());
}

void in_parts() {
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  const datasets::Dataset iris = datasets::iris(datasets::Split::train);

  datasets::DataLoader parts(iris, {.batch_size = 16, .shuffle = false});
  for (auto& [x, y] : parts) {
    const double share = static_cast<double>(y.size()) / static_cast<double>(iris.size());
    (cross_entropy(model(x), y) * share).backward();
  }
  show("in parts  ", model.bias.grad());

  model.zero_grad();
  datasets::DataLoader whole(iris, {.batch_size = datasets::full_batch});
  for (auto& [x, y] : whole) cross_entropy(model(x), y).backward();
  show("full batch", model.bias.grad());
}

void in_parts_with_fit() {
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  optim::SGD optimizer(model.parameters());

  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  train::fit(model, optimizer, loader, {.epochs = 10, .accumulate = 4});
  std::printf("steps %d\n", static_cast<int>(optimizer.step_count()));
}

}  // namespace

int main() {
  shapes();
  three_sizes();
  for (const std::size_t size : {1u, 10u, 40u, 120u}) noise(size);
  same_order();
  augmented();
  in_parts();
  in_parts_with_fit();
}
