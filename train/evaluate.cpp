// SPDX-License-Identifier: MIT
#include <xgrad/train/evaluate.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/standardizer.hpp>
#include <xgrad/nn/eval_mode.hpp>
#include <xgrad/train/internal/batch_loss.hpp>
#include <xgrad/train/predict.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// This finds a table that was read without the option `like` of csv() and has fewer classes than
// the training data.
void require_outputs(const Tensor& logits, std::size_t rows, const datasets::Dataset& data) {
  const Shape& shape = logits.shape();
  if (!data.has_labels() || shape.size() != 2 || shape[0] != rows || shape[1] == data.classes()) {
    return;
  }
  throw DataError("[evaluate] the model must have one output for each class, got " +
                  std::to_string(shape[1]) + " outputs and " + std::to_string(data.classes()) +
                  " classes; the option like of csv reads a table with the classes of the training "
                  "data");
}

/// Returns the number of rows whose largest logit is that of their label; NaN if there are no
/// labels or the model does not return one logit for each class.
double correct_rows(const Tensor& logits, const Target& y, const datasets::Dataset& data) {
  if (!data.has_labels() || logits.shape() != Shape{y.size(), data.classes()}) return kUnknown;
  const Indices predicted = argmax(logits, 1);
  double correct = 0;
  for (std::size_t i = 0; i < y.size(); ++i) correct += predicted.data()[i] == y(i);
  return correct;
}

/// Adds the squared errors of each target; NaN if the output does not have the shape of the
/// targets.
void add_squared_errors(const Tensor& output, const Target& y, std::span<double> sums) {
  if (sums.empty()) return;
  if (output.shape() != y.values().shape()) return std::fill(sums.begin(), sums.end(), kUnknown);
  const Scalar* const predicted = output.value().data();
  const Scalar* const wanted = y.values().value().data();
  for (std::size_t i = 0; i < output.size(); ++i) {
    const double error = static_cast<double>(predicted[i]) - static_cast<double>(wanted[i]);
    sums[i % sums.size()] += error * error;
  }
}

/// Returns R², given the sum of the squared errors of each target.
double determination(const datasets::Dataset& data, std::span<const double> errors) {
  if (errors.empty()) return kUnknown;
  const Array& targets = data.targets();
  const datasets::Standardizer scale(datasets::Dataset(targets, targets));
  double sum = 0;
  for (std::size_t j = 0; j < errors.size(); ++j) {
    const double variance = scale.stddev()[j] * scale.stddev()[j];
    const double error = errors[j] / static_cast<double>(data.size());
    if (variance > 0 || std::isnan(error)) {
      sum += 1 - error / variance;
    } else if (error == 0) {
      sum += 1;
    }
  }
  return sum / static_cast<double>(errors.size());
}

/// Calls f(number, batch) for the batches [begin, end) of a loader.
template <class F>
void for_each_batch(datasets::DataLoader& loader, std::size_t begin, std::size_t end, F f) {
  datasets::DataLoaderState state = loader.state();
  state.batch = begin;
  loader.set_state(state);
  for (const datasets::Batch& batch : loader) {
    if (begin == end) return;
    f(begin++, batch);
  }
}

}  // namespace

Criterion default_criterion(const datasets::Dataset& data) {
  if (!data.has_labels()) {
    return [](const Tensor& output, const Target& y) { return mse_loss(output, y); };
  }
  return [](const Tensor& output, const Target& y) { return cross_entropy(output, y); };
}

Evaluation evaluate(nn::Module& model, const datasets::Dataset& data, const Criterion& criterion,
                    const datasets::Transform& transform, ProcessGroup* world) {
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  const Criterion loss_of = criterion ? criterion : default_criterion(data);
  datasets::DataLoader loader(
      data, {.batch_size = kEvaluationBatch, .shuffle = false, .transform = transform});
  // For each batch: the loss, the number of correct rows, the squared errors of each target. The
  // process of rank r computes those of the batches from batches r / processes on.
  const std::size_t width = 2 + (data.has_labels() ? 0 : data.targets().shape(1));
  const auto processes = static_cast<std::size_t>(world != nullptr ? world->size() : 1);
  const auto rank = static_cast<std::size_t>(world != nullptr ? world->rank() : 0);
  const auto first = [&](std::size_t r) { return loader.batches() * r / processes; };
  std::vector<double> results(loader.batches() * width, 0);
  for_each_batch(loader, first(rank), first(rank + 1), [&](std::size_t i, const auto& batch) {
    const Tensor output = model(batch.x);
    if (!criterion) require_outputs(output, batch.y.size(), data);
    const std::span<double> result = std::span(results).subspan(i * width, width);
    result[0] = number_of(loss_of(output, batch.y)) * static_cast<double>(batch.y.size());
    result[1] = correct_rows(output, batch.y, data);
    add_squared_errors(output, batch.y, result.subspan(2));
  });
  if (world != nullptr) {
    std::vector<std::size_t> sizes;
    for (std::size_t r = 0; r < processes; ++r) {
      sizes.push_back((first(r + 1) - first(r)) * width * sizeof(double));
    }
    world->all_gather(std::as_writable_bytes(std::span(results)), sizes);
  }
  std::vector<double> sums(width, 0);
  for (std::size_t i = 0; i < results.size(); ++i) sums[i % width] += results[i];
  const auto n = static_cast<double>(data.size());
  const double share = sums[1] / n;
  return {sums[0] / n, share, std::sqrt(share * (1 - share) / n), data.size(),
          determination(data, std::span(sums).subspan(2))};
}

}  // namespace xgrad::inline XGRAD_ABI::train
