// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/rows.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Data sets from memory, from files and from the library, and the loader that makes batches.
namespace xgrad::inline XGRAD_ABI::datasets {

/// The two parts of the ready-made data sets.
enum class Split { train, test };

class Standardizer;

/// Rows of features, each with a label (the number of its class) or with targets (numbers). A
/// Dataset is a handle to data that never changes. A copy refers to the same data.
///
/// Every constructor throws ShapeError or DataError unless there are at least one row and one
/// feature, one label in [0, classes) or one row of finite targets for each row.
class Dataset {
 public:
  /// Creates a data set for classification from x of shape (rows, features) or (rows, channels,
  /// height, width) or any other shape (rows, ...). The classes are named "0", "1", ...
  Dataset(Array x, Labels y, std::size_t classes);
  /// Creates a data set for classification, with class names.
  Dataset(Array x, Labels y, std::vector<std::string> class_names);
  /// Creates a data set for regression from x of shape (rows, ...) and targets of shape (rows) or
  /// (rows, targets).
  Dataset(Array x, Array targets);
  /// Creates a data set with features stored as bytes. The classes are named "0", "1", ...
  Dataset(Bytes x, Labels y, std::size_t classes);
  /// Creates a data set with features stored as bytes, with class names.
  Dataset(Bytes x, Labels y, std::vector<std::string> class_names);
  /// Creates a data set for regression with features stored as bytes.
  Dataset(Bytes x, Array targets);
  /// Creates a data set with features stored as doubles, with class names.
  Dataset(Table x, Labels y, std::vector<std::string> class_names);
  /// Creates a data set for regression with features stored as doubles.
  Dataset(Table x, Array targets, std::vector<std::string> target_names = {});
  /// Does not exist: labels, which would convert to targets, need the number of classes.
  template <class Rows, std::same_as<Labels> L>
  Dataset(Rows x, L labels) = delete;

  /// Creates a data set for classification that reads its features from `x`, which it does not
  /// copy: all rows, each of shape `row`, one after the other. The caller must keep the numbers
  /// unchanged as long as this data set, a copy of it or a loader of it lives.
  static Dataset view(std::span<const Scalar> x, const RowShape& row, Labels y,
                      std::size_t classes);
  /// Creates a data set for regression that reads its features from `x`, which it does not copy.
  static Dataset view(std::span<const Scalar> x, const RowShape& row, Array targets);
  /// Deleted, because the numbers of a temporary vector or array end with the call.
  template <class Numbers, class... Y>
  requires(std::same_as<Numbers, std::vector<Scalar>> ||
           std::same_as<Numbers, Array>) static Dataset
      view(Numbers&& x, const RowShape& row, Y... y) = delete;

  /// Returns the number of rows.
  std::size_t size() const;
  /// Returns the number of features in a row.
  std::size_t features() const;
  /// Returns the shape of one row: {features()}, or for example {1, 28, 28}.
  const Shape& row_shape() const&;
  Shape row_shape() const&&;  ///< Returns a copy.
  /// Returns whether the rows have labels; false if they have targets.
  bool has_labels() const;
  /// Returns the number of classes; 0 if the rows have targets.
  std::size_t classes() const { return class_names().size(); }
  /// Returns the class names: class_names()[label] for each label.
  const std::vector<std::string>& class_names() const&;
  std::vector<std::string> class_names() const&&;  ///< Returns a copy.
  /// Returns the label of each row. Throws DataError if the rows have targets.
  const Labels& labels() const&;
  Labels labels() const&&;  ///< Returns a copy.
  /// Returns the targets, of shape (rows, targets). Throws DataError if the rows have labels.
  const Array& targets() const&;
  Array targets() const&&;  ///< Returns a copy.
  /// Returns the names of the targets; empty if they have no names.
  const std::vector<std::string>& target_names() const&;
  std::vector<std::string> target_names() const&&;  ///< Returns a copy.
  /// Returns the names of the feature columns; empty if they have no names.
  const std::vector<std::string>& feature_names() const&;
  std::vector<std::string> feature_names() const&&;  ///< Returns a copy.
  /// Returns the columns of the text table that this data set was read from; else empty.
  const std::vector<Column>& columns() const&;
  std::vector<Column> columns() const&&;  ///< Returns a copy.
  /// Returns the Standardizers that were applied to the features, first to last.
  const std::vector<Standardizer>& scaling() const&;
  std::vector<Standardizer> scaling() const&&;  ///< Returns a copy.

  /// Copies the given rows, in this order, to x (rows.size() * features() numbers) and their labels
  /// to y, unless y is null. Splits large copies over num_threads() threads. Throws OptionError if
  /// a row does not exist and DataError if y is not null and the rows have targets, before it
  /// writes anything.
  void gather(std::span<const std::size_t> rows, Scalar* x, std::int32_t* y) const;

  /// Copies the targets of the given rows, in this order, to y. Throws DataError if the rows have
  /// labels, and OptionError if a row does not exist, before it writes anything.
  void gather_targets(std::span<const std::size_t> rows, Scalar* y) const;

  /// Copies the features of one row to x. Doubles of a Table are copied exactly. Throws OptionError
  /// if the row does not exist, and ShapeError unless x has features() elements.
  void read_row(std::size_t row, std::span<double> x) const;

  /// Returns the features of all rows. The shape is (size()) followed by row_shape().
  Array gather_all() const;

  /// Returns a data set of the given rows, in this order, with the same classes. Throws OptionError
  /// if a row does not exist.
  Dataset subset(std::span<const std::size_t> rows) const;

  /// Returns the same rows, each with another shape: digits of shape {64} become images with
  /// `reshaped({1, 8, 8})`. The data are shared. Throws ShapeError unless the shape has features()
  /// elements.
  Dataset reshaped(const RowShape& row) const;

 private:
  friend class Standardizer;
  struct Contents;
  explicit Dataset(Contents contents);
  /// Returns the same rows with the features x, which `by` computed from the current features.
  Dataset scaled(Array x, const Standardizer& by) const;
  std::shared_ptr<const Contents> contents_;
};

/// Splits a data set into a training part and a test part, returned in this order. The test part
/// gets round(test_fraction * n) of the n rows of each class. If n > 1, each part gets at least one
/// of them. Rows with targets count as one class. Rng(seed) chooses the rows; each part keeps their
/// order. Throws OptionError unless 0 < test_fraction < 1, and DataError if no class has two rows.
std::pair<Dataset, Dataset> stratified_split(const Dataset& dataset, double test_fraction,
                                             std::uint64_t seed);

}  // namespace xgrad::inline XGRAD_ABI::datasets
