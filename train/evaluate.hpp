// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <functional>

namespace xgrad::inline XGRAD_ABI::train {

/// A function that returns the mean loss of a batch, a tensor with one element.
using Loss = std::function<Tensor(nn::Module& model, const datasets::Batch& batch)>;

/// Returns the loss for classification: cross_entropy(model(x), y).
Loss cross_entropy_loss();
/// Returns the loss for regression. The last `targets` columns of `x` are the regression targets;
/// the model sees the remaining columns. The loss is mse_loss(model(remaining columns), targets).
/// It ignores the labels y. Throws OptionError if `targets` is 0.
Loss mean_squared_error(std::size_t targets = 1);

/// The quality of a model on a data set.
struct Evaluation {
  double loss = 0;             ///< mean loss over the rows
  double accuracy = 0;         ///< fraction of rows whose largest logit is that of their label
  double accuracy_stderr = 0;  ///< standard error: sqrt(accuracy (1 - accuracy) / count)
  std::size_t count = 0;       ///< number of rows
};

/// Evaluates a model on a data set, with the cross-entropy as the loss. Runs in evaluation mode and
/// without a graph, then restores the mode of each module. Several threads may evaluate the same
/// model after model.eval(). The data must number its classes as the training data does; a model
/// does not know the class names, so this is not checked. Throws DataError unless the model has one
/// output for each class.
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data);
/// Evaluates a model on a data set with the given loss. accuracy and accuracy_stderr are NaN,
/// because only the loss knows what the outputs mean.
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data, const Loss& loss);

}  // namespace xgrad::inline XGRAD_ABI::train
