// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/05-saving-and-resuming.md. The program writes files into the
// current directory and removes them.
#include "show.hpp"

#include <filesystem>
#include <iostream>

using namespace xgrad;

namespace {

nn::Sequential make_model(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential{nn::Linear(4, 16, rng), nn::ReLU(), nn::Linear(16, 3, rng)};
}

void parameters() {
  nn::Sequential trained = make_model(0);
  train::save_parameters("iris.safetensors", trained);

  nn::Sequential other = make_model(1);
  train::load_parameters("iris.safetensors", other);
  const bool same = other.parameters()[0].value() == trained.parameters()[0].value();
  std::printf("the same weights: %s\n", same ? "yes" : "no");
}

void predictions() {
  nn::Sequential model = make_model(0);
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  train::fit(model, optimizer, loader, {.epochs = 100});

  const datasets::Dataset test = datasets::iris(datasets::Split::test);
  const Tensor probabilities = softmax(train::predict(model, test), 1);
  std::printf("%zu rows, %zu classes\n", probabilities.shape()[0], probabilities.shape()[1]);
  std::cout << train::confusion_matrix(model, test);
}

void nag_shows_theta() {
  nn::Sequential model = make_model(0);
  optim::NAG optimizer(model.parameters());
  // ... training ...
  optimizer.eval();
  train::save_parameters("iris.safetensors", model);
  optimizer.train();
}

void parts() {
  for (const auto& [name, values] : train::read_tensors("iris.safetensors")) {
    std::printf("%-8s %s\n", name.c_str(), to_string(values.shape()).c_str());
  }

  Rng rng(0);
  nn::Sequential body{nn::Linear(4, 16, rng), nn::ReLU()};
  train::load_parameters("iris.safetensors", body, {.strict = false});

  nn::Sequential model = make_model(2);
  train::load_parameters("iris.checkpoint", model, {.prefix = "model."});
}

/// Prints the message of `error` without the directory of the file that it names.
void print(const Error& error) {
  const std::string text = error.what();
  const std::size_t name = text.rfind("iris."), begin = text.find("] ");
  std::printf("%s%s\n", text.substr(0, begin + 2).c_str(), text.substr(name).c_str());
}

void refusals() {
  Rng rng(0);
  nn::Sequential wider{nn::Linear(4, 32, rng), nn::ReLU(), nn::Linear(32, 3, rng)};
  try {
    train::load_parameters("iris.safetensors", wider);
  } catch (const DataError& error) {
    print(error);
  }
  nn::Sequential model = make_model(0);
  optim::Adam adam(model.parameters());
  train::save_checkpoint("iris.checkpoint", model, adam, {});
  optim::SGD sgd(model.parameters());
  try {
    train::load_checkpoint("iris.checkpoint", model, sgd);
  } catch (const DataError& error) {
    print(error);
  }
}

}  // namespace

int main() {
  parameters();
  predictions();
  nag_shows_theta();
  refusals();
  parts();
  std::filesystem::remove("iris.safetensors");
  std::filesystem::remove("iris.checkpoint");
}
