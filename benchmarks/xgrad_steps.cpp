// SPDX-License-Identifier: MIT
// The training step as users of xgrad would write it.
#include <xgrad/xgrad.hpp>

#include <memory>

#include "cells.hpp"

using namespace xgrad;

namespace {

struct Run {
  Run(const bench::Cell& cell, const bench::Data& data) : y(Labels::from_shape({cell.batch})) {
    Rng rng(0);
    for (const bench::Convolution& c : cell.convolutions) {
      model.add(nn::Conv2d(c.in, c.out, 5, rng, {.padding = c.padding}));
      model.add(nn::ReLU());
      model.add(nn::MaxPool2d(2));
    }
    if (!cell.convolutions.empty()) model.add(nn::Flatten());
    for (std::size_t i = 0; i + 1 < cell.widths.size(); ++i) {
      if (i > 0) model.add(nn::ReLU());
      model.add(nn::Linear(cell.widths[i], cell.widths[i + 1], rng));
    }
    Shape shape{cell.batch, cell.inputs()};
    if (!cell.convolutions.empty()) {
      const bench::Convolution& first = cell.convolutions[0];
      shape = {cell.batch, first.in, first.extent, first.extent};
    }
    Array pixels = empty(shape);
    std::copy(data.x.begin(), data.x.end(), pixels.data());
    std::copy(data.y.begin(), data.y.end(), y.data());
    x = Tensor(std::move(pixels));
    optimizer = optim::make(cell.rule, model.parameters(), bench::kLearningRate);
  }

  void step() {
    optimizer->zero_grad();
    const Tensor loss = cross_entropy(model(x), y);
    loss.backward();
    optimizer->step();
  }

  nn::Sequential model;
  Tensor x;
  Labels y;
  std::unique_ptr<optim::Optimizer> optimizer;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) set_num_threads(std::atoi(argv[2]));
  const int status =
      bench::run_cells("xgrad", argc, argv, [](const bench::Cell& cell, const bench::Data& data) {
        return [run = std::make_shared<Run>(cell, data)] { run->step(); };
      });
  if (status != 0) return status;
  // The time of a large product shows which part of the machine's speed the steps reach.
  return bench::run_cells("product", argc, argv, [](const bench::Cell&, const bench::Data&) {
    const Tensor square(Rng(0).uniform({1024, 1024}, -1, 1));
    return [square] { matmul(square, square); };
  });
}
