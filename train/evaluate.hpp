// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <functional>

namespace xgrad::inline XGRAD_ABI::train {

/// What a step minimises: the mean loss of a batch, one number.
using Loss = std::function<Tensor(nn::Module& model, const datasets::Batch& batch)>;

/// For classification: cross_entropy(model(x), y).
Loss cross_entropy_loss();
/// For regression: the last `targets` columns of x are what the model is to tell from the others;
/// mse_loss(model(others), targets). Labels have no part in it.
Loss mean_squared_error(std::size_t targets = 1);

/// How a model does on a data set.
struct Evaluation {
  double loss = 0;             ///< mean over the rows, of the cross-entropy unless said otherwise
  double accuracy = 0;         ///< fraction of rows whose largest logit is at the label
  double accuracy_stderr = 0;  ///< one standard error: sqrt(accuracy (1 - accuracy) / count)
  std::size_t count = 0;       ///< rows
};

/// Evaluates in evaluation mode and without a graph; each module's mode is as before afterwards.
/// Threads may evaluate one model at once after model.eval(). The data must number its classes as
/// the training data does. A model does not know their names, so only their count is checked:
/// throws DataError unless the model has one output for each class.
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data);
/// The same with another loss; accuracy and its error are NaN, since only the loss knows what the
/// outputs mean.
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data, const Loss& loss);

}  // namespace xgrad::inline XGRAD_ABI::train
