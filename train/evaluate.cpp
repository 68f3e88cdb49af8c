// SPDX-License-Identifier: MIT
#include <xgrad/train/evaluate.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/standardizer.hpp>
#include <xgrad/nn/eval_mode.hpp>
#include <xgrad/train/predict.hpp>

#include <cmath>
#include <limits>
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

/// Counts the rows whose largest logit is that of their label.
class Accuracy {
 public:
  explicit Accuracy(const datasets::Dataset& data) : data_(data), known_(data.has_labels()) {}

  void add(const Tensor& logits, const Target& y) {
    known_ = known_ && logits.shape() == Shape{y.size(), data_.classes()};
    if (!known_) return;
    const Indices predicted = argmax(logits, 1);
    for (std::size_t i = 0; i < y.size(); ++i) correct_ += predicted.data()[i] == y(i);
  }
  double value() const {
    return known_ ? static_cast<double>(correct_) / static_cast<double>(data_.size()) : kUnknown;
  }

 private:
  const datasets::Dataset& data_;
  bool known_;
  std::size_t correct_ = 0;
};

/// Sums the squared errors of each target.
class Determination {
 public:
  explicit Determination(const datasets::Dataset& data)
      : data_(data), known_(!data.has_labels()), errors_(known_ ? data.targets().shape(1) : 0, 0) {}

  void add(const Tensor& output, const Target& y) {
    known_ = known_ && output.shape() == y.values().shape();
    if (!known_) return;
    const Scalar *const predicted = output.value().data(), *const wanted =
                                                               y.values().value().data();
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double error = static_cast<double>(predicted[i]) - static_cast<double>(wanted[i]);
      errors_[i % errors_.size()] += error * error;
    }
  }
  double value() const {
    if (!known_) return kUnknown;
    const Array& targets = data_.targets();
    const datasets::Standardizer scale(datasets::Dataset(targets, targets));
    double sum = 0;
    for (std::size_t j = 0; j < errors_.size(); ++j) {
      const double variance = scale.stddev()[j] * scale.stddev()[j];
      const double error = errors_[j] / static_cast<double>(data_.size());
      sum += variance > 0 ? 1 - error / variance : error == 0 ? 1 : 0;
    }
    return sum / static_cast<double>(errors_.size());
  }

 private:
  const datasets::Dataset& data_;
  bool known_;
  std::vector<double> errors_;
};

}  // namespace

Criterion default_criterion(const datasets::Dataset& data) {
  if (!data.has_labels()) {
    return [](const Tensor& output, const Target& y) { return mse_loss(output, y); };
  }
  return [](const Tensor& output, const Target& y) { return cross_entropy(output, y); };
}

Evaluation evaluate(nn::Module& model, const datasets::Dataset& data, const Criterion& criterion,
                    const datasets::Transform& transform) {
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  const Criterion loss_of = criterion ? criterion : default_criterion(data);
  datasets::DataLoader loader(
      data, {.batch_size = kEvaluationBatch, .shuffle = false, .transform = transform});
  Accuracy accuracy(data);
  Determination determination(data);
  double loss = 0;
  for (const datasets::Batch& batch : loader) {
    const Tensor output = model(batch.x);
    if (!criterion) require_outputs(output, batch.y.size(), data);
    loss +=
        static_cast<double>(loss_of(output, batch.y).item()) * static_cast<double>(batch.y.size());
    accuracy.add(output, batch.y);
    determination.add(output, batch.y);
  }
  const auto n = static_cast<double>(data.size());
  const double share = accuracy.value();
  return {loss / n, share, std::sqrt(share * (1 - share) / n), data.size(), determination.value()};
}

}  // namespace xgrad::inline XGRAD_ABI::train
