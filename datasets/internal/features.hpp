// SPDX-License-Identifier: MIT
#pragma once

// How a Dataset stores its features. This header is private to the library and not installed.

#include <xgrad/datasets/dataset.hpp>

#include <variant>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Returns the shape of `rows` rows: (rows) followed by the shape of one row.
Shape batch_shape(std::size_t rows, const Shape& row);

/// Returns the number of rows of a bare array of shape (rows, ...), or 1 for one row of shape
/// (features). Throws ShapeError unless each row has `features` features.
std::size_t count_rows(const char* where, const Array& x, std::size_t features);

/// Returns whether labels have so many classes that they must be numbers to predict, such as
/// prices: more than 100 classes, and fewer than 5 rows for each class.
bool are_numbers_to_predict(std::size_t classes, std::size_t rows);

/// Returns the rows of each class. Rows with targets count as one class.
std::vector<std::vector<std::size_t>> rows_by_class(const Dataset& dataset);

/// Numbers that belong to the caller, row by row.
struct Borrowed {
  std::span<const Scalar> values;
};

/// The features of all rows: the number of rows, the number of features in a row, and the numbers
/// in one of four forms.
class Features {
 public:
  using Storage = std::variant<Array, Bytes, Table, Borrowed>;

  /// Throws ShapeError unless there are at least one row and one feature.
  Features(Storage storage, std::size_t rows, std::size_t features);

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }

  /// Copies the given rows to x, on several threads if they are many. The rows must exist.
  void gather(std::span<const std::size_t> rows, Scalar* x) const;
  /// Copies one row to x. Doubles of a Table are copied exactly. The row must exist.
  void read_row(std::size_t row, std::span<double> x) const;
  /// Returns the given rows, in the same form. Borrowed numbers become an Array.
  Features subset(std::span<const std::size_t> rows) const;

 private:
  Storage storage_;
  std::size_t rows_;
  std::size_t features_;
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
