// SPDX-License-Identifier: MIT
// The training step as users of LibTorch, PyTorch's C++ frontend, would write it.
#include <torch/torch.h>

#include <memory>

#include "cells.hpp"

namespace {

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const std::string& rule,
                                                        std::vector<torch::Tensor> parameters) {
  using namespace torch::optim;
  constexpr double lr = bench::kLearningRate;
  if (rule == "sgd") return std::make_unique<SGD>(parameters, SGDOptions(lr));
  if (rule == "momentum") return std::make_unique<SGD>(parameters, SGDOptions(lr).momentum(0.9));
  if (rule == "nag") {
    return std::make_unique<SGD>(parameters, SGDOptions(lr).momentum(0.9).nesterov(true));
  }
  if (rule == "adagrad") return std::make_unique<Adagrad>(parameters, AdagradOptions(lr));
  if (rule == "rmsprop") {
    return std::make_unique<RMSprop>(parameters, RMSpropOptions(lr).alpha(0.9));
  }
  return std::make_unique<Adam>(parameters, AdamOptions(lr));
}

struct Run {
  Run(const bench::Cell& cell, const bench::Data& data) {
    torch::manual_seed(0);
    for (const bench::Convolution& c : cell.convolutions) {
      const auto in = static_cast<std::int64_t>(c.in), out = static_cast<std::int64_t>(c.out);
      model->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 5).padding(c.padding)));
      model->push_back(torch::nn::ReLU());
      model->push_back(torch::nn::MaxPool2d(2));
    }
    if (!cell.convolutions.empty()) model->push_back(torch::nn::Flatten());
    for (std::size_t i = 0; i + 1 < cell.widths.size(); ++i) {
      if (i > 0) model->push_back(torch::nn::ReLU());
      model->push_back(torch::nn::Linear(cell.widths[i], cell.widths[i + 1]));
    }
    const auto rows = static_cast<std::int64_t>(cell.batch);
    const auto features = static_cast<std::int64_t>(cell.inputs());
    x = torch::tensor(torch::ArrayRef<float>(data.x)).view({rows, features});
    if (!cell.convolutions.empty()) {
      const auto extent = static_cast<std::int64_t>(cell.convolutions[0].extent);
      x = x.view({rows, -1, extent, extent});
    }
    y = torch::tensor(torch::ArrayRef<std::int32_t>(data.y)).to(torch::kInt64);
    optimizer = make_optimizer(cell.rule, model->parameters());
  }

  void step() {
    optimizer->zero_grad();
    const torch::Tensor loss = criterion(model->forward(x), y);
    loss.backward();
    optimizer->step();
  }

  torch::nn::Sequential model;
  torch::nn::CrossEntropyLoss criterion;
  torch::Tensor x, y;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) torch::set_num_threads(std::atoi(argv[2]));
  return bench::run_cells("libtorch", argc, argv,
                          [](const bench::Cell& cell, const bench::Data& data) {
                            return [run = std::make_shared<Run>(cell, data)] { run->step(); };
                          });
}
