// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

/// A classifier of 8 x 8 digits. Any number of threads may call classify() at the same time,
/// because it only reads the parameters.
class Classifier {
 public:
  Classifier();
  /// Returns the digit that each row of `x` shows. `x` has shape (rows, 64).
  xgrad::Indices classify(const xgrad::Tensor& x);
  xgrad::nn::Module& model() { return model_; }

 private:
  xgrad::nn::Sequential model_;
};

/// Trains a classifier on its own thread. Training starts in the constructor. It ends after the
/// last epoch, after stop(), or with an error.
class Trainer {
 public:
  explicit Trainer(std::size_t epochs);
  ~Trainer();

  /// Requests the end of training and returns immediately. Training ends after the current step.
  void stop() { stop_.request(); }
  bool is_running() const { return running_; }
  /// Waits until training has ended. Throws the error if training ended with one.
  void wait();
  /// Returns a copy of the classifier after the last complete epoch, or null before the end of the
  /// first epoch. Training never changes the copy.
  std::shared_ptr<Classifier> latest() const;

 private:
  class Publisher;
  void run(std::size_t epochs);
  void train_epochs(std::size_t epochs);
  void publish(Classifier& trained);

  xgrad::train::StopRequest stop_;
  std::atomic<bool> running_{true};
  std::exception_ptr error_;
  mutable std::mutex mutex_;
  std::shared_ptr<Classifier> latest_;
  std::thread worker_;  // declared last, because the thread uses the other members when it starts
};
