// SPDX-License-Identifier: MIT
#include <xgrad/train/evaluate.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/datasets/loader.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr std::size_t kBatch = 512;  // large enough for BLAS, small enough for the cache

}  // namespace

Evaluation evaluate(nn::Module& model, const datasets::Dataset& data) {
  const NoGradGuard no_grad;
  const nn::EvaluationMode evaluation_mode(model);
  datasets::DataLoader loader(data, {.batch_size = kBatch, .shuffle = false});
  Evaluation result;
  std::size_t correct = 0;
  for (const auto& [x, y] : loader) {
    const Tensor logits = model(x);
    result.loss +=
        static_cast<double>(cross_entropy(logits, y).item()) * static_cast<double>(y.size());
    const Indices predicted = argmax(logits, 1);
    for (std::size_t i = 0; i < y.size(); ++i) correct += predicted.data()[i] == y.data()[i];
    result.count += y.size();
  }
  const auto n = static_cast<double>(result.count);
  result.loss /= n;
  result.accuracy = static_cast<double>(correct) / n;
  result.accuracy_error = std::sqrt(result.accuracy * (1 - result.accuracy) / n);
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::train
