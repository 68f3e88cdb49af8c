// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI::train {

/// How a classifier does on a data set.
struct Evaluation {
  double loss = 0;            ///< mean cross-entropy
  double accuracy = 0;        ///< fraction of rows whose largest logit is at the label
  double accuracy_error = 0;  ///< one standard error: sqrt(accuracy (1 - accuracy) / count)
  std::size_t count = 0;
};

/// Evaluates in evaluation mode and without a graph; each module's mode is as before afterwards.
/// Threads may evaluate one model at once after model.eval().
Evaluation evaluate(nn::Module& model, const datasets::Dataset& data);

}  // namespace xgrad::inline XGRAD_ABI::train
