// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>
#include <xgrad/datasets/transform.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <span>

namespace xgrad::inline XGRAD_ABI::train {

/// The number of rows on which predict() and evaluate() run a model at once. Large enough for BLAS,
/// small enough for the cache.
inline constexpr std::size_t kEvaluationBatch = 512;

/// Returns the outputs of a model for all rows of x, of shape (rows, ...). Runs on batches of
/// kEvaluationBatch rows, in evaluation mode and without a graph, then restores the mode of each
/// module. Several threads may predict with the same model after model.eval(). With NAG, call the
/// optimizer's eval() first. Throws ShapeError unless x has at least one axis and the model returns
/// one output row for each row.
Tensor predict(nn::Module& model, const Tensor& x);
/// Returns the outputs for numbers that belong to the caller: all rows, each of shape `row`, one
/// after the other. Copies one batch at a time, so that there is no second copy of `x`, and reads
/// `x` during the call only. Throws ShapeError unless `x` contains whole rows.
Tensor predict(nn::Module& model, std::span<const Scalar> x, const datasets::RowShape& row);
/// Returns the outputs of a model for all rows of a data set, in the order of the rows. `transform`
/// must do what the loader of the training data does without random steps, as in evaluate().
Tensor predict(nn::Module& model, const datasets::Dataset& data,
               const datasets::Transform& transform = {});

}  // namespace xgrad::inline XGRAD_ABI::train
