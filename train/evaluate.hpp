// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/train/process_group.hpp>

#include <cstddef>
#include <functional>
#include <limits>

namespace xgrad::inline XGRAD_ABI::train {

/// A function that returns the mean loss of a batch, a tensor with one element, from the output of
/// the model and the labels or targets: nn::MSELoss{}, nn::SoftmaxCrossEntropy{} or a lambda.
using Criterion = std::function<Tensor(const Tensor& output, const Target& y)>;

/// Returns the criterion that fit() and evaluate() use if none is given: cross_entropy for labels,
/// mse_loss for targets.
Criterion default_criterion(const datasets::Dataset& data);

/// The quality of a model on a data set. A metric that does not apply is NaN.
struct Evaluation {
  double loss = 0;             ///< mean loss over the rows
  double accuracy = 0;         ///< fraction of rows whose largest logit is that of their label
  double accuracy_stderr = 0;  ///< standard error: sqrt(accuracy (1 - accuracy) / count)
  std::size_t count = 0;       ///< number of rows
  /// Coefficient of determination of the targets: 1 - (sum of squared errors) / (sum of squared
  /// differences to the mean), the mean of it if there are several. It is 1 for a perfect model and
  /// 0 for one that always returns the mean.
  double r2 = std::numeric_limits<double>::quiet_NaN();
};

/// Evaluates a model on a data set. Runs in evaluation mode and without a graph, then restores the
/// mode of each module. Several threads may evaluate the same model after model.eval().
///
/// The loss is that of `criterion`, or of default_criterion() if it is empty. For labels, the
/// accuracy is known if the model returns one logit for each class. For targets, R² is known if the
/// output has the shape of the targets. A constant target counts as R² = 1 if it is predicted
/// exactly, and as 0 otherwise.
///
/// `transform` must do what the loader of the training data does without random steps:
/// `loader.options().transform.without_random_steps()`. fit() does so for its validation data.
///
/// With a `world`, each of its processes evaluates some of the batches of kEvaluationBatch rows.
/// All of them must call this function, and they return the same bits as one process.
///
/// The data must number its classes as the training data does; a model does not know the class
/// names, so this is not checked. Throws ShapeError if a loss is not one number, and DataError if
/// `criterion` is empty and the model does not have one output for each class.
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data,
                    const Criterion& criterion = {}, const datasets::Transform& transform = {},
                    ProcessGroup* world = nullptr);

}  // namespace xgrad::inline XGRAD_ABI::train
