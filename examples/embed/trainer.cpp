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

/// Publishes the classifier after each epoch.
class Trainer::Publisher : public train::Callback {
 public:
  Publisher(Trainer& trainer, Classifier& trained) : trainer_(trainer), trained_(trained) {}
  void on_epoch(train::Run&) override { trainer_.publish(trained_); }

 private:
  Trainer& trainer_;
  Classifier& trained_;
};

Trainer::Trainer(std::size_t epochs) : worker_([this, epochs] { run(epochs); }) {}

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
  nn::copy_parameters(trained.model(), copy->model());
  const std::lock_guard lock(mutex_);
  latest_ = std::move(copy);
}

// An exception that leaves a thread would terminate the program. wait() throws the stored one.
void Trainer::run(std::size_t epochs) {
  try {
    train_epochs(epochs);
  } catch (...) {
    error_ = std::current_exception();
  }
  running_ = false;
}

void Trainer::train_epochs(std::size_t epochs) {
  Classifier trained;
  optim::Adam optimizer(trained.model().parameters(), {.lr = 3e-3});
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 32});
  Publisher publisher(*this, trained);
  train::Log log;
  train::fit(trained.model(), optimizer, loader,
             {.epochs = epochs,
              .validation = datasets::digits(datasets::Split::test),
              .callbacks = {&publisher, &log, &stop_}});
}
