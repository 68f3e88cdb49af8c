// SPDX-License-Identifier: MIT
#include <xgrad/train/predict.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/eval_mode.hpp>

#include <algorithm>
#include <optional>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// Collects the outputs of the batches of `rows` rows.
class Outputs {
 public:
  explicit Outputs(std::size_t rows) : rows_(rows) {}

  void append(const Tensor& output, std::size_t batch_rows) {
    Shape shape = output.shape();
    const bool has_rows = !shape.empty() && shape[0] == batch_rows;
    if (has_rows && !all_) {
      shape[0] = rows_;
      all_ = empty(shape);
    }
    if (!has_rows || output.size() * rows_ != all_->size() * batch_rows) {
      throw ShapeError("[predict] the model must return one output row for each row, got shape " +
                       to_string(output.shape()) + " for " + std::to_string(batch_rows) + " rows");
    }
    const Scalar* const values = output.value().data();
    std::copy(values, values + output.size(), all_->data() + written_);
    written_ += output.size();
  }

  Tensor all() && { return Tensor(std::move(*all_)); }

 private:
  std::size_t rows_;
  std::size_t written_ = 0;
  std::optional<Array> all_;
};

}  // namespace

Tensor predict(nn::Module& model, const Tensor& x) {
  if (x.ndim() == 0) throw ShapeError("[predict] x must have at least one axis, got shape ()");
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  const std::size_t rows = x.shape()[0];
  Outputs outputs(rows);
  std::size_t begin = 0;
  do {  // also once if there is no row, so that the output has its shape
    const std::size_t end = std::min(begin + kEvaluationBatch, rows);
    outputs.append(model(end - begin == rows ? x : slice(x, 0, begin, end)), end - begin);
    begin = end;
  } while (begin < rows);
  return std::move(outputs).all();
}

Tensor predict(nn::Module& model, const datasets::Dataset& data) {
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  datasets::DataLoader loader(data, {.batch_size = kEvaluationBatch, .shuffle = false});
  Outputs outputs(data.size());
  for (const datasets::Batch& batch : loader) {
    outputs.append(model(batch.x), batch.x.shape()[0]);
  }
  return std::move(outputs).all();
}

}  // namespace xgrad::inline XGRAD_ABI::train
