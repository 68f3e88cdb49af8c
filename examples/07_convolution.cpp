// SPDX-License-Identifier: MIT
// Lesson 7: a convolutional network on MNIST.
//
//   07_convolution [EPOCHS [IMAGES]]
//
// Trains LeNet-5 on the first images of MNIST, by default 4 epochs on 6,000 images. Exits with 1
// unless the accuracy on the 10,000 test images is at least 90 %. `07_convolution 10 60000` trains
// on all images and reaches 99 %.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <numeric>

using namespace xgrad;

namespace {

/// LeNet-5 (LeCun et al. 1998) as it is usual today: with max pooling and ReLU.
struct LeNet : nn::Module {
  explicit LeNet(Rng& rng)
      : features(register_module(
            "features",
            nn::Sequential{nn::Conv2d(1, 6, 5, rng, {.padding = 2}), nn::ReLU(), nn::MaxPool2d(2),
                           nn::Conv2d(6, 16, 5, rng), nn::ReLU(), nn::MaxPool2d(2)})),
        classifier(register_module(
            "classifier",
            nn::Sequential{nn::Flatten(), nn::Linear(400, 120, rng), nn::ReLU(),
                           nn::Linear(120, 84, rng), nn::ReLU(), nn::Linear(84, 10, rng)})) {}

  /// Takes images of shape (n, 1, 28, 28) or rows of 784 pixels.
  Tensor forward(const Tensor& x) override {
    return classifier(features(reshape(x, {x.shape()[0], 1, 28, 28})));
  }

  nn::Sequential &features, &classifier;
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t epochs = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 4;
  const std::size_t images = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 6000;
  const char* const chosen = std::getenv("XGRAD_DATA_DIR");
  const std::filesystem::path folder = chosen != nullptr ? chosen : XGRAD_DATASETS_DIR;

  std::vector<std::size_t> rows(images);
  std::iota(rows.begin(), rows.end(), 0);
  const auto train = datasets::mnist(folder / "mnist", datasets::Split::train).subset(rows);
  const auto test = datasets::mnist(folder / "mnist", datasets::Split::test);

  Rng rng(0);
  LeNet model(rng);
  optim::Adam optimizer(model.parameters(), {.lr = 0.001});
  datasets::DataLoader loader(train, {.batch_size = 64});
  train::ProgressReport report(std::cout);
  const train::EpochRecord last =
      train::fit(model, optimizer, loader,
                 {.epochs = epochs,
                  .validation = test,
                  .schedule = optim::cosine(0.001, epochs * loader.batches(), 0),
                  .callbacks = {&report}})
          .back();
  std::printf("accuracy %.2f %%\n", 100 * last.validation->accuracy);
  return last.validation->accuracy >= 0.9 ? 0 : 1;
}
