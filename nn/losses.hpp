// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/ops.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

// Losses as function objects. Each calls one op of autograd/.

/// Computes the mean over the batch of -log softmax(logits)[label].
class SoftmaxCrossEntropy {
 public:
  /// Returns cross_entropy(logits, labels).
  Tensor operator()(const Tensor& logits, const Labels& labels) const {
    return cross_entropy(logits, labels);
  }
};

/// Computes the mean of (prediction - target)^2.
class MSELoss {
 public:
  /// Returns mse_loss(prediction, target).
  Tensor operator()(const Tensor& prediction, const Tensor& target) const {
    return mse_loss(prediction, target);
  }
};

}  // namespace xgrad::inline XGRAD_ABI::nn
