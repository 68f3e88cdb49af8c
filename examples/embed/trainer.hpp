// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

/// A trained classifier of 8 x 8 digits. Any number of threads may use one at once: classify() only
/// reads its parameters.
class Classifier {
 public:
  Classifier();
  /// The digit in each row of x, (rows, 64).
  xgrad::Indices classify(const xgrad::Tensor& x);
  xgrad::nn::Module& model() { return model_; }

 private:
  xgrad::nn::Sequential model_;
};

/// Trains on a thread of its own from construction on, until all epochs are done, stop() is called
/// or an error ends it.
class Trainer {
 public:
  /// Takes a line about each epoch, on the training thread.
  using Log = std::function<void(const std::string& line)>;

  Trainer(int epochs, Log log);
  ~Trainer();

  /// For the stop button: comes back at once, and training ends within a batch.
  void stop() { stop_ = true; }
  bool is_running() const { return running_; }
  /// Until training has ended; throws the error that ended it.
  void wait();
  /// The classifier as the last whole epoch left it, null before the first. Training goes on with
  /// parameters of its own, so that nobody reads what it writes.
  std::shared_ptr<Classifier> latest() const;

 private:
  void run(int epochs);
  void train_epochs(int epochs);
  void publish(Classifier& trained);

  Log log_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> running_{true};
  std::exception_ptr error_;
  mutable std::mutex mutex_;
  std::shared_ptr<Classifier> latest_;
  std::thread worker_;  // the last member: it uses the others from its first moment on
};
