// SPDX-License-Identifier: MIT
#include <xgrad/train/predict.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/features.hpp>
#include <xgrad/nn/eval_mode.hpp>

#include <algorithm>
#include <numeric>
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
                       to_string(output.shape()) + " for " + std::to_string(batch_rows) +
                       " rows; the first axis of x must be that of the rows");
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

/// Returns the outputs for `rows` rows. batch(begin, end) returns the rows from `begin` to `end`.
template <class Batch>
Tensor predict_batches(nn::Module& model, std::size_t rows, const Batch& batch) {
  const NoGradGuard no_grad;
  const nn::EvalModeGuard evaluation_mode(model);
  Outputs outputs(rows);
  std::size_t begin = 0;
  do {  // also once if there is no row, so that the output has its shape
    const std::size_t end = std::min(begin + kEvaluationBatch, rows);
    outputs.append(model(batch(begin, end)), end - begin);
    begin = end;
  } while (begin < rows);
  return std::move(outputs).all();
}

}  // namespace

Tensor predict(nn::Module& model, const Tensor& x) {
  if (x.ndim() == 0) throw ShapeError("[predict] x must have at least one axis, got shape ()");
  const std::size_t rows = x.shape()[0];
  return predict_batches(model, rows, [&](std::size_t begin, std::size_t end) {
    return end - begin == rows ? x : slice(x, 0, begin, end);
  });
}

Tensor predict(nn::Module& model, std::span<const Scalar> x, const datasets::RowShape& row) {
  const std::size_t features = element_count(row);
  if (features == 0 || x.size() % features != 0) {
    throw ShapeError("[predict] x must contain whole rows of shape " + to_string(row) + ", got " +
                     std::to_string(x.size()) + " numbers");
  }
  return predict_batches(model, x.size() / features, [&](std::size_t begin, std::size_t end) {
    return Tensor::from(x.subspan(begin * features, (end - begin) * features),
                        datasets::batch_shape(end - begin, row));
  });
}

Tensor predict(nn::Module& model, const datasets::Dataset& data,
               const datasets::Transform& transform) {
  std::vector<std::size_t> all(data.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return predict_batches(model, data.size(), [&](std::size_t begin, std::size_t end) {
    const std::span<const std::size_t> rows = std::span(all).subspan(begin, end - begin);
    Array x = empty(datasets::batch_shape(rows.size(), data.row_shape()));
    data.gather(rows, x.data(), nullptr);
    transform.apply({x.data(), x.size()}, data.row_shape(), rows, 0);
    return Tensor(std::move(x));
  });
}

}  // namespace xgrad::inline XGRAD_ABI::train
