// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/03-optimizers.md.
#include "explained_step.hpp"
#include "show.hpp"

using namespace xgrad;

namespace {

constexpr const char* kRules[] = {"sgd", "momentum", "nag", "adagrad", "rmsprop", "adam"};

double value(const Tensor& theta) { return static_cast<double>(theta.item()); }

void formulas() {
  for (const std::string name : kRules) {
    std::printf("%s\n", optim::formula(name).c_str());
  }
}

void one_step() {
  Tensor theta(Array{4, 1}, true);
  optim::SGD optimizer({theta}, {.lr = 0.06});
  const Tensor curvature(Array{1, 20});

  optimizer.zero_grad();
  const Tensor loss = sum(curvature * theta * theta) / 2;
  loss.backward();
  optimizer.step();
  show("g", theta.grad());
  show("theta", theta.value());
}

void velocity_keeps_its_scale() {
  Tensor theta(Array(0.0f), true);
  optim::Momentum optimizer({theta}, {.lr = 0.1, .momentum = 0.5});
  for (int step = 1; step <= 4; ++step) {
    if (step == 3) optimizer.set_learning_rate(0.01);
    const double before = value(theta);
    optimizer.zero_grad();
    (-1 * theta).backward();  // the gradient is -1 everywhere
    optimizer.step();
    std::printf("step %d  lr %-4g  moved by %g\n", step, optimizer.learning_rate(),
                value(theta) - before);
  }
}

void look_ahead() {
  Tensor theta(Array(1.0f), true);
  optim::NAG optimizer({theta}, {.lr = 0.1, .momentum = 0.9});
  for (int step = 1; step <= 3; ++step) {
    optimizer.zero_grad();
    (theta * theta / 2).backward();
    optimizer.step();
    const double held = value(theta);
    optimizer.eval();
    std::printf("step %d  holds %7.4f  theta %7.4f\n", step, held, value(theta));
    optimizer.train();
  }
}

void explained() {
  for (const std::string name : kRules) {
    std::printf("%s\n%s\n\n", name.c_str(), explained_step(name).c_str());
  }
}

void forgotten_train() {
  Tensor theta(Array(1.0f), true);
  optim::NAG optimizer({theta});
  optimizer.eval();
  try {
    optimizer.step();
  } catch (const Error& error) {
    std::puts(error.what());
  }
}

void schedule() {
  Tensor theta(Array(1.0f), true);
  optim::SGD optimizer({theta});
  const optim::Schedule rate = optim::linear_warmup(2, optim::cosine(0.1, 4, 0.001));
  for (int step = 0; step < 6; ++step) {
    optimizer.set_learning_rate(rate(optimizer.step_count()));
    optimizer.zero_grad();
    (theta * theta).backward();
    optimizer.step();
    std::printf("step %d  lr %.4f\n", step, optimizer.learning_rate());
  }
}

void clipping() {
  Tensor theta(Array{3, 4}, true);
  sum(theta * theta).backward();
  const double before = optim::clip_grad_norm({theta}, 5);
  std::printf("norm %g\n", before);
  show("clipped", theta.grad());
}

void plateau() {
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 2});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 4});
  const datasets::Dataset test = datasets::iris(datasets::Split::test);

  train::ReduceOnPlateau plateau({.factor = 0.1, .patience = 3, .threshold = 0.01, .min_lr = 0.01});
  const train::History history = train::fit(
      model, optimizer, loader, {.epochs = 20, .validation = test, .callbacks = {&plateau}});
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (i > 0 && history[i].learning_rate == history[i - 1].learning_rate) continue;
    std::printf("epoch %2zu  lr %-4g  validation loss %.2f\n", i + 1, history[i].learning_rate,
                history[i].validation->loss);
  }
}

void averages() {
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 4});
  const datasets::Dataset iris = datasets::iris(datasets::Split::train);
  datasets::DataLoader loader(iris, {.batch_size = 4});

  train::AveragedWeights average(0.99);
  train::fit(model, optimizer, loader, {.epochs = 20, .callbacks = {&average}});
  std::printf("last step  loss %.2f\n", train::evaluate(model, iris).loss);
  average.restore(model, optimizer);
  std::printf("average    loss %.2f\n", train::evaluate(model, iris).loss);
}

void groups() {
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 8, rng), nn::Tanh(), nn::Linear(8, 3, rng)};
  std::vector<Tensor> weights, biases;
  for (const auto& [name, parameter] : model.named_parameters()) {
    (name.ends_with("bias") ? biases : weights).push_back(parameter);
  }
  optim::Adam optimizer(
      {{.parameters = weights, .weight_decay = 0.01}, {.parameters = biases, .lr_scale = 2}});
  std::puts(optimizer.description().c_str());
}

}  // namespace

int main() {
  formulas();
  one_step();
  explained();
  velocity_keeps_its_scale();
  look_ahead();
  forgotten_train();
  schedule();
  clipping();
  plateau();
  averages();
  groups();
}
