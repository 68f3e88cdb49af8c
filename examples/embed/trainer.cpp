// SPDX-License-Identifier: MIT
#include "trainer.hpp"

#include <utility>

using namespace xgrad;

namespace {

nn::Sequential make_model() {
  Rng rng(0);
  return nn::Sequential{nn::Linear(64, 64, rng), nn::ReLU(), nn::Linear(64, 10, rng)};
}

}  // namespace

Classifier::Classifier() : model_(make_model()) {}

Indices Classifier::classify(const Tensor& x) {
  const NoGradGuard no_grad;  // affects only this thread; the training thread still records graphs
  return argmax(model_(x), 1);
}

Trainer::Trainer(int epochs, Log log)
    : log_(std::move(log)), worker_([this, epochs] { run(epochs); }) {}

Trainer::~Trainer() {
  stop();
  if (worker_.joinable()) worker_.join();
}

void Trainer::wait() {
  if (worker_.joinable()) worker_.join();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

std::shared_ptr<Classifier> Trainer::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void Trainer::publish(Classifier& trained) {
  auto copy = std::make_shared<Classifier>();
  const std::vector<Tensor> from = trained.model().parameters();
  std::vector<Tensor> to = copy->model().parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].assign(from[i].value());
  const std::lock_guard lock(mutex_);
  latest_ = std::move(copy);
}

// An exception that leaves a thread would terminate the program. wait() throws the stored one.
void Trainer::run(int epochs) {
  try {
    train_epochs(epochs);
  } catch (...) {
    error_ = std::current_exception();
  }
  running_ = false;
}

void Trainer::train_epochs(int epochs) {
  Classifier trained;
  nn::Module& model = trained.model();
  nn::SoftmaxCrossEntropy criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 3e-3});
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 32});
  const datasets::Dataset test = datasets::digits(datasets::Split::test);

  for (int epoch = 1; epoch <= epochs; ++epoch) {
    for (auto& [x, y] : loader) {
      if (stop_) return log_("stopped in epoch " + std::to_string(epoch));
      optimizer.zero_grad();
      const Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
    }
    publish(trained);
    log_("epoch " + std::to_string(epoch) + "  test accuracy " +
         format_number(train::evaluate(model, test).accuracy));
  }
}
