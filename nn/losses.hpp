// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/ops.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

// Losses as objects, to be passed around; each is one op of autograd/.

/// criterion(logits, labels): the mean over the batch of -log softmax(logits)[label].
class SoftmaxCrossEntropy {
 public:
  /// See cross_entropy().
  Tensor operator()(const Tensor& logits, const Labels& labels) const {
    return cross_entropy(logits, labels);
  }
};

/// criterion(prediction, target): the mean of (prediction - target)^2.
class MSELoss {
 public:
  /// See mse_loss().
  Tensor operator()(const Tensor& prediction, const Tensor& target) const {
    return mse_loss(prediction, target);
  }
};

}  // namespace xgrad::inline XGRAD_ABI::nn
