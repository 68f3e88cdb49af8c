// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/02-layers.md.
#include "show.hpp"

using namespace xgrad;

namespace {

void one_layer() {
  Rng rng(0);
  nn::Linear layer(3, 2, rng);
  const Tensor x(Array{{1, 2, 3}, {4, 5, 6}});
  show("weight", layer.weight.value());
  show("bias", layer.bias.value());
  show("x W^T + b", layer(x).value());
}

void stacked() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 16, rng), nn::ReLU(), nn::Linear(16, 3, rng)};
  std::size_t count = 0;
  for (const auto& [name, parameter] : model.named_parameters()) {
    std::printf("%-9s %zu numbers\n", name.c_str(), parameter.size());
    count += parameter.size();
  }
  std::printf("total     %zu\n", count);
}

struct Mlp : nn::Module {
  explicit Mlp(Rng& rng)
      : hidden(register_module("hidden", nn::Linear(4, 16, rng))),
        output(register_module("output", nn::Linear(16, 3, rng))) {}
  Tensor forward(const Tensor& x) override { return output(relu(hidden(x))); }
  nn::Linear &hidden, &output;
};

void own_module() {
  Rng rng(0);
  Mlp model(rng);
  for (const auto& [name, parameter] : model.named_parameters()) std::puts(name.c_str());
}

/// Computes y = scale * x, with one factor for each feature.
class Scale : public nn::Module {
 public:
  explicit Scale(std::size_t features) : scale_(register_parameter("scale", ones({features}))) {}
  Tensor forward(const Tensor& x) override { return x * scale_; }

 private:
  Parameter scale_;
};

void own_layer() {
  Rng rng(0);
  nn::Sequential model{Scale(4), nn::Linear(4, 3, rng)};
  sum(model(Tensor(ones({2, 4})))).backward();
  for (const auto& [name, parameter] : model.named_parameters()) {
    std::printf("%-8s has a gradient: %s\n", name.c_str(), parameter.has_grad() ? "yes" : "no");
  }
}

void modes() {
  Rng rng(5);
  nn::Sequential model{nn::Dropout(0.5, rng)};
  const Tensor x(Array{1, 1, 1, 1, 1, 1});
  show("training  ", model(x).value());
  model.eval();
  show("evaluating", model(x).value());
}

void losses() {
  const Tensor logits(Array{{2, 0, 0}, {0, 0, 3}});
  show("softmax", softmax(logits).value());
  show("cross-entropy, labels 0 and 2", cross_entropy(logits, Labels{0, 2}).value());
  show("cross-entropy, labels 1 and 2", cross_entropy(logits, Labels{1, 2}).value());
}

void frozen() {
  Rng rng(0);
  Mlp model(rng);
  model.hidden.weight.set_requires_grad(false);
  model.hidden.bias.set_requires_grad(false);
  optim::SGD optimizer(model.output.parameters(), {.lr = 0.1});
  cross_entropy(model(Tensor(ones({2, 4}))), Labels{0, 2}).backward();
  optimizer.step();
  std::printf("hidden.weight has a gradient: %s\n", model.hidden.weight.has_grad() ? "yes" : "no");
}

}  // namespace

int main() {
  one_layer();
  stacked();
  own_module();
  own_layer();
  modes();
  losses();
  frozen();
}
