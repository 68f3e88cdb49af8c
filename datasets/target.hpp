// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

namespace xgrad::inline XGRAD_ABI {
namespace datasets {

class DataLoader;

/// Returns a copy of the rows [begin, end) of an array.
Array rows_of(const Array& x, std::size_t begin, std::size_t end);

/// What a model must learn for the rows of a batch: one class label per row, or a tensor of shape
/// (rows, targets). Converts to the type that a loss takes, so that the same loop trains
/// classifiers and regressions:
///
///     for (auto& [x, y] : loader) criterion(model(x), y);
///
/// A Target is a handle: a copy refers to the same numbers, which never change.
class Target {
 public:
  /// Creates a target of no rows.
  Target() : Target(Labels::from_shape({0})) {}
  /// Creates a target of class labels.
  Target(Labels labels) : data_(std::make_shared<Labels>(std::move(labels))) {}
  /// Creates a target of numbers, of shape (rows, targets).
  Target(Tensor values) : data_(std::move(values)) {}
  Target(const Target&) = default;             ///< Refers to the same numbers. A move is a copy.
  Target& operator=(const Target&) = default;  ///< Refers to the same numbers. A move is a copy.
  ~Target() = default;

  /// Returns whether these are class labels.
  bool has_labels() const { return data_.index() == 0; }
  /// Returns the number of rows.
  std::size_t size() const;

  /// Returns the class labels. Throws DataError if the data set holds targets.
  const Labels& labels() const;
  /// Returns the targets, of shape (rows, targets). Throws DataError if the data set holds labels.
  const Tensor& values() const;
  /// Makes this the rows [begin, end) of another target. Reuses the memory if nothing else refers
  /// to it and the number of rows has not changed.
  void assign_rows(const Target& from, std::size_t begin, std::size_t end);

  /// Converts to labels().
  operator const Labels&() const { return labels(); }
  /// Converts to values().
  operator const Tensor&() const { return values(); }

  /// Returns the label of row i. Throws DataError like labels().
  std::int32_t operator()(std::size_t i) const { return labels()(i); }
  /// Returns an iterator to the first label. Throws DataError like labels().
  auto begin() const { return labels().begin(); }
  /// Returns the end of the labels. Throws DataError like labels().
  auto end() const { return labels().end(); }

 private:
  friend class DataLoader;
  /// Returns memory for the labels of `rows` rows. It is the current memory if no other handle
  /// refers to it.
  Labels& renew_labels(std::size_t rows);
  std::variant<std::shared_ptr<Labels>, Tensor> data_;
};

}  // namespace datasets

using datasets::Target;

}  // namespace xgrad::inline XGRAD_ABI
