// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI {

// Softmax and losses; see ops.hpp for what all ops have in common.

/// Returns exp(x) / sum(exp(x)) along one axis.
Tensor softmax(const Tensor& x, std::ptrdiff_t axis = -1);
/// Returns log(softmax(x)) along one axis, computed without overflow or cancellation.
Tensor log_softmax(const Tensor& x, std::ptrdiff_t axis = -1);

/// What a loss returns: the loss of each element (or row), their mean, or their sum.
enum class Reduction { none, mean, sum };

/// Options of the losses of two tensors.
struct LossOptions {
  Reduction reduction = Reduction::mean;  ///< what the loss returns
};

/// Options of cross_entropy(), as PyTorch defines them.
struct CrossEntropyOptions {
  /// A weight w for each class. An empty list means that all weights are 1. The loss of a row is
  /// multiplied by the weight of its label, and the mean is divided by the sum of these weights.
  std::vector<double> class_weights = {};
  /// The probability e in [0, 1) that the label says nothing. The target of a row is then
  /// 1 - e + e / classes for its label and e / classes for every other class.
  double label_smoothing = 0;
  Reduction reduction = Reduction::mean;  ///< what the loss returns
};

/// Returns the mean over the rows of -log_softmax(logits)[label]. `logits` has shape
/// (rows, classes), and `labels` contains one label in [0, classes) for each row. Without options,
/// it is computed in one op. Throws DataError if a label is out of range or if the mean would be
/// divided by 0, and OptionError if an option is out of range.
Tensor cross_entropy(const Tensor& logits, const Labels& labels,
                     const CrossEntropyOptions& options = {});

// The losses of two tensors of equal shape. Their mean throws ShapeError if there are no elements.

/// Returns the mean of (prediction - target)^2.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, const LossOptions& options = {});
/// Returns the mean of |prediction - target|.
Tensor l1_loss(const Tensor& prediction, const Tensor& target, const LossOptions& options = {});
/// Returns the mean of h(prediction - target), where h(d) = d^2 / 2 if |d| <= delta and
/// h(d) = delta (|d| - delta / 2) otherwise. Throws OptionError unless delta is positive.
Tensor huber_loss(const Tensor& prediction, const Tensor& target, double delta = 1,
                  const LossOptions& options = {});
/// Returns the mean of -target log(p) - (1 - target) log(1 - p) for p = sigmoid(logits). It does
/// not overflow for large logits.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const LossOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI
