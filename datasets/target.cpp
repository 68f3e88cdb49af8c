// SPDX-License-Identifier: MIT
#include <xgrad/datasets/target.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <atomic>

namespace xgrad::inline XGRAD_ABI::datasets {

Array rows_of(const Array& x, std::size_t begin, std::size_t end) {
  Shape shape = x.shape();
  shape[0] = end - begin;
  Array rows = empty(shape);
  const std::size_t row = x.size() / std::max<std::size_t>(x.shape(0), 1);
  std::copy_n(x.data() + begin * row, rows.size(), rows.data());
  return rows;
}

std::size_t Target::size() const { return has_labels() ? labels().size() : values().shape()[0]; }

const Labels& Target::labels() const {
  if (const auto* const labels = std::get_if<0>(&data_)) return **labels;
  throw DataError(
      "[Target] class labels are needed, but the data set holds targets of shape " +
      to_string(values().shape()) +
      "; use a loss for numbers, such as mse_loss, or a data set with labels: Dataset(x, labels, "
      "classes)");
}

const Tensor& Target::values() const {
  if (const auto* const values = std::get_if<1>(&data_)) return *values;
  throw DataError(
      "[Target] targets are needed, but the data set holds class labels; use a loss for labels, "
      "such as cross_entropy, or a data set with targets: Dataset(x, targets)");
}

void Target::assign_rows(const Target& from, std::size_t begin, std::size_t end) {
  const std::size_t rows = end - begin;
  if (from.has_labels()) {
    std::copy_n(from.labels().data() + begin, rows, renew_labels(rows).data());
    return;
  }
  data_ = Tensor(rows_of(from.values().value(), begin, end));
}

Labels& Target::renew_labels(std::size_t rows) {
  auto* const labels = std::get_if<0>(&data_);
  if (labels != nullptr && labels->use_count() == 1 && (*labels)->size() == rows) {
    // Another thread may have dropped its handle. What it read happens before what is written here.
    std::atomic_thread_fence(std::memory_order_acquire);
    return **labels;
  }
  data_ = std::make_shared<Labels>(Labels::from_shape({rows}));
  return **std::get_if<0>(&data_);
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
