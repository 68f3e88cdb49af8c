// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/standardizer.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Converts new rows as the training data was converted, so that a running service can pass one row
/// to the model: turns words into features, puts means in the place of missing values, and
/// standardises. It is small, unlike the data set. train::save_parameters() saves it with the
/// parameters of a model, and train::read_encoder() reads it.
///
///     const datasets::RowEncoder encode(training);
///     const Tensor logits = model(Tensor(encode({"5.1", "red", "?"})));
///     const std::string& name = encode.class_names()[...];
class RowEncoder {
 public:
  /// Copies what is known about the columns, the scaling and the classes of a data set.
  explicit RowEncoder(const Dataset& training);
  /// Returns the encoder that to_json() described. Throws DataError if `text` is not valid.
  static RowEncoder from_json(std::string_view text);
  /// Returns the encoder as a JSON object. Throws DataError if a name or a word is not UTF-8.
  std::string to_json() const;

  /// Converts a row of text, with one field for each of the columns(), to an array of shape
  /// (1, ...), where ... is the shape of a row of the training data. Numbers have a decimal point.
  /// Throws DataError, with the column, if a field is not a number, not one of the categories, or
  /// missing in a column without a value for this case, and ShapeError if the number of fields
  /// differs.
  Array operator()(const std::vector<std::string>& fields) const;
  /// Standardises rows of features that are numbers already, of shape (rows, ...), or one row
  /// of shape (features) or row_shape().
  /// Throws ShapeError if the number of features differs, and DataError if a number is not finite.
  Array operator()(const Array& x) const;

  /// Returns the shape of one row: {features}, or for example {1, 28, 28}.
  const Shape& row_shape() const { return row_shape_; }
  /// Returns the columns that a row of text must have.
  const std::vector<Column>& columns() const { return columns_; }
  /// Returns the names of the classes; empty if the training data had targets.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// Returns the names of the targets; empty if they have no names.
  const std::vector<std::string>& target_names() const { return target_names_; }

 private:
  RowEncoder() = default;
  bool is_consistent() const;
  Shape row_shape_{};
  std::vector<Column> columns_{};
  std::vector<Standardizer> scaling_{};
  std::vector<std::string> class_names_{};
  std::vector<std::string> target_names_{};
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
