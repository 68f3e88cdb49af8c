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
    for (std::size_t i = 0; i + 1 < cell.widths.size(); ++i) {
      if (i > 0) model.add(nn::ReLU());
      model.add(nn::Linear(cell.widths[i], cell.widths[i + 1], rng));
    }
    Array pixels = empty({cell.batch, cell.widths.front()});
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
  return bench::run_cells("xgrad", argc, argv,
                          [](const bench::Cell& cell, const bench::Data& data) {
                            return [run = std::make_shared<Run>(cell, data)] { run->step(); };
                          });
}
