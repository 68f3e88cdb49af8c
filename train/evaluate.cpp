// SPDX-License-Identifier: MIT
#include <xgrad/train/evaluate.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/nn/eval_mode.hpp>
#include <xgrad/train/predict.hpp>

#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// Calls use(batch), which returns a mean over the batch, for all batches. Returns the mean over
/// all rows.
template <class Use>
double mean_over_rows(nn::Module& model, const datasets::Dataset& data, Use use) {
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  datasets::DataLoader loader(data, {.batch_size = kEvaluationBatch, .shuffle = false});
  double sum = 0;
  for (const datasets::Batch& batch : loader) {
    sum += static_cast<double>(use(batch).item()) * static_cast<double>(batch.y.size());
  }
  return sum / static_cast<double>(data.size());
}

// This finds a table that was read without the option `like` of csv() and has fewer classes than
// the training data.
void require_outputs(const Tensor& logits, std::size_t rows, const datasets::Dataset& data) {
  const Shape& shape = logits.shape();
  if (shape.size() != 2 || shape[0] != rows || shape[1] == data.classes()) return;
  throw DataError("[evaluate] the model must have one output for each class, got " +
                  std::to_string(shape[1]) + " outputs and " + std::to_string(data.classes()) +
                  " classes; the option like of csv reads a table with the classes of the training "
                  "data");
}

}  // namespace

Loss cross_entropy_loss() {
  return [](nn::Module& model, const datasets::Batch& batch) {
    return cross_entropy(model(batch.x), batch.y);
  };
}

Loss mean_squared_error(std::size_t targets) {
  require_positive("mean_squared_error", "targets", static_cast<double>(targets));
  return [targets](nn::Module& model, const datasets::Batch& batch) {
    const std::size_t columns = batch.x.shape()[1];
    if (columns <= targets) {
      throw ShapeError("[mean_squared_error] x must have more columns than the " +
                       std::to_string(targets) + " of the targets, got " +
                       to_string(batch.x.shape()));
    }
    return mse_loss(model(slice(batch.x, 1, 0, columns - targets)),
                    slice(batch.x, 1, columns - targets, columns));
  };
}

Evaluation evaluate(nn::Module& model, const datasets::Dataset& data) {
  std::size_t correct = 0;
  const double loss = mean_over_rows(model, data, [&](const datasets::Batch& batch) {
    const Tensor logits = model(batch.x);
    require_outputs(logits, batch.y.size(), data);
    Tensor of_batch = cross_entropy(logits, batch.y);  // throws unless each row has logits
    const Indices predicted = argmax(logits, 1);
    for (std::size_t i = 0; i < batch.y.size(); ++i) {
      correct += predicted.data()[i] == batch.y.data()[i];
    }
    return of_batch;
  });
  const auto n = static_cast<double>(data.size());
  const double accuracy = static_cast<double>(correct) / n;
  return {loss, accuracy, std::sqrt(accuracy * (1 - accuracy) / n), data.size()};
}

Evaluation evaluate(nn::Module& model, const datasets::Dataset& data, const Loss& loss) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const auto use = [&](const datasets::Batch& batch) { return loss(model, batch); };
  return {mean_over_rows(model, data, use), unknown, unknown, data.size()};
}

}  // namespace xgrad::inline XGRAD_ABI::train
