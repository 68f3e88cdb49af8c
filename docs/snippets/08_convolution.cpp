// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/08-convolution.md.
#include "show.hpp"

using namespace xgrad;

namespace {

void one_kernel() {
  const Tensor image(Array{{{{0, 1, 1, 1}, {0, 1, 1, 1}, {0, 1, 1, 1}, {0, 1, 1, 1}}}});
  const Tensor edge(Array{{{{-1, 1}, {-1, 1}}}});
  const Tensor none(zeros({1}));
  show("edges", conv2d(image, edge, none).value());
  show("with padding", conv2d(image, edge, none, {.padding = {0, 1}}).value());
  show("every second", conv2d(image, edge, none, {.stride = 2}).value());
}

void pooling() {
  const Tensor x(Array{{{{1, 2, 3, 4}, {5, 6, 7, 8}}}});
  show("largest", max_pool2d(x, 2).value());
  show("average", avg_pool2d(x, 2).value());
}

void network() {
  Rng rng(0);
  nn::Sequential model{nn::Conv2d(1, 6, 5, rng, {.padding = 2}),
                       nn::ReLU(),
                       nn::MaxPool2d(2),
                       nn::Conv2d(6, 16, 5, rng),
                       nn::ReLU(),
                       nn::MaxPool2d(2),
                       nn::Flatten(),
                       nn::Linear(16 * 5 * 5, 120, rng),
                       nn::ReLU(),
                       nn::Linear(120, 84, rng),
                       nn::ReLU(),
                       nn::Linear(84, 10, rng)};
  const Tensor x(zeros({32, 784}));
  const Tensor logits = model(reshape(x, {32, 1, 28, 28}));
  std::printf("logits %s\n", to_string(logits.shape()).c_str());
}

void normalization() {
  const Tensor x(Array{{1, 2, 3, 6}, {10, 20, 30, 60}});
  nn::LayerNorm layer(4);
  show("rows", layer(x).value());
  const Tensor scale(ones({4})), shift(zeros({4}));
  show("columns", batch_norm(x, scale, shift).value());
}

void words() {
  Rng rng(0);
  nn::Embedding layer(1000, 3, rng);
  const Tensor sentence(Array{4, 17, 4});
  show("words", layer(sentence).value());
}

}  // namespace

int main() {
  one_kernel();
  pooling();
  network();
  normalization();
  words();
}
