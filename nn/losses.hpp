// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/ops.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI::nn {

// Losses as function objects. Each calls one op of autograd/ops_loss.hpp with the options that it
// was created with.

/// Computes the mean over the batch of -log softmax(logits)[label].
class SoftmaxCrossEntropy {
 public:
  /// Sets the options of cross_entropy().
  explicit SoftmaxCrossEntropy(CrossEntropyOptions options = {}) : options_(std::move(options)) {}
  /// Returns cross_entropy(logits, labels, options).
  Tensor operator()(const Tensor& logits, const Labels& labels) const {
    return cross_entropy(logits, labels, options_);
  }

 private:
  CrossEntropyOptions options_;
};

/// Computes the mean of (prediction - target)^2.
class MSELoss {
 public:
  /// Sets the reduction.
  explicit MSELoss(LossOptions options = {}) : options_(options) {}
  /// Returns mse_loss(prediction, target, options).
  Tensor operator()(const Tensor& prediction, const Tensor& target) const {
    return mse_loss(prediction, target, options_);
  }

 private:
  LossOptions options_;
};

/// Computes the mean of |prediction - target|.
class L1Loss {
 public:
  /// Sets the reduction.
  explicit L1Loss(LossOptions options = {}) : options_(options) {}
  /// Returns l1_loss(prediction, target, options).
  Tensor operator()(const Tensor& prediction, const Tensor& target) const {
    return l1_loss(prediction, target, options_);
  }

 private:
  LossOptions options_;
};

/// Computes the mean of a loss that is quadratic for errors up to delta and linear beyond.
class HuberLoss {
 public:
  /// Sets delta and the reduction.
  explicit HuberLoss(double delta = 1, LossOptions options = {})
      : delta_(delta), options_(options) {}
  /// Returns huber_loss(prediction, target, delta, options).
  Tensor operator()(const Tensor& prediction, const Tensor& target) const {
    return huber_loss(prediction, target, delta_, options_);
  }

 private:
  double delta_;
  LossOptions options_;
};

/// Computes the mean of the binary cross-entropy of sigmoid(logits) and targets in [0, 1].
class BCEWithLogitsLoss {
 public:
  /// Sets the reduction.
  explicit BCEWithLogitsLoss(LossOptions options = {}) : options_(options) {}
  /// Returns binary_cross_entropy_with_logits(logits, target, options).
  Tensor operator()(const Tensor& logits, const Tensor& target) const {
    return binary_cross_entropy_with_logits(logits, target, options_);
  }

 private:
  LossOptions options_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
