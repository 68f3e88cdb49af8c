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

void described() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 16, rng), nn::ReLU(), nn::Linear(16, 3, rng)};
  std::cout << model << "\n\n" << nn::summary(model, {32, 4});
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

void initial_values() {
  Rng rng(0);
  nn::Linear layer(4, 2, rng);
  nn::init::kaiming_uniform(layer.weight, rng);
  nn::init::constant(layer.bias, 0.1);
  show("weight", layer.weight.value());
  show("bias", layer.bias.value());
}

/// Subtracts the mean of all rows that it has seen in training mode.
class Centre : public nn::Module {
 public:
  explicit Centre(std::size_t features)
      : sum_(register_buffer("sum", zeros({features}))),
        rows_(register_buffer("rows", zeros({}))) {}
  Tensor forward(const Tensor& x) override {
    if (is_training()) {
      sum_ = sum_.value() + sum(x.detach(), 0).value();
      rows_ = rows_.value() + static_cast<Scalar>(x.shape()[0]);
    }
    return x - sum_.value() / rows_.item();
  }

 private:
  Parameter sum_, rows_;
};

void buffers() {
  nn::Sequential model{Centre(2)};
  model(Tensor(Array{{1, 10}, {3, 30}}));
  for (const auto& [name, buffer] : model.named_buffers()) show(name.c_str(), buffer.value());
  model.eval();
  show("centred", model(Tensor(Array{{2, 21}})).value());
}

void shared() {
  Rng rng(0);
  nn::Sequential model;
  nn::Linear& first = model.add(nn::Linear(8, 8, rng));
  nn::Linear& second = model.add(nn::Linear(8, 8, rng));
  nn::tie(first.weight, second.weight);
  for (const auto& [name, parameter] : model.named_parameters()) std::puts(name.c_str());
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
  model.hidden.set_requires_grad(false);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  cross_entropy(model(Tensor(ones({2, 4}))), Labels{0, 2}).backward();
  optimizer.step();
  std::printf("hidden.weight has a gradient: %s\n", model.hidden.weight.has_grad() ? "yes" : "no");
}

/// Returns the classes of the rows of x.
Indices classify(const nn::Module& model, const Tensor& x) {
  const NoGradGuard no_grad;
  return argmax(model(x), 1);
}

void evaluated() {
  Rng rng(0);
  Mlp model(rng);
  model.eval();
  std::printf("class %d\n", classify(model, Tensor(ones({1, 4})))(0));
}

void copied() {
  Rng rng(0);
  Mlp online(rng), target(rng);
  nn::copy_parameters(online, target);
  // ... a step of training of `online` ...
  nn::average_parameters(online, target, 0.01);  // target = 0.99 target + 0.01 online
}

void observed() {
  Rng rng(0);
  Mlp model(rng);
  model.hidden.register_forward_hook([](nn::Module&, const Tensor&, const Tensor& y) {
    std::printf("largest output of the hidden layer: %.4f\n", static_cast<double>(max(y).item()));
  });
  model(Tensor(ones({2, 4})));
}

/// A layer that is a plain member: nothing trains or saves it.
struct Forgetful : nn::Module {
  explicit Forgetful(Rng& rng) : layer(4, 3, rng) {}
  Tensor forward(const Tensor& x) override { return layer(x); }
  nn::Linear layer;
};

template <class Call>
void print_error(Call call) {
  try {
    call();
  } catch (const Error& error) {
    std::puts(error.what());
  }
}

void mistakes() {
  Rng rng(0);
  Mlp model(rng);
  Forgetful forgetful(rng);
  print_error([&] { model(Tensor(ones({2, 5}))); });
  print_error([&] { forgetful(Tensor(ones({2, 4}))); });
}

}  // namespace

int main() {
  one_layer();
  stacked();
  described();
  own_module();
  own_layer();
  initial_values();
  buffers();
  shared();
  modes();
  evaluated();
  losses();
  frozen();
  copied();
  observed();
  mistakes();
}
