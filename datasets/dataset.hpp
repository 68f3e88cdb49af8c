// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>

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

/// Features stored as bytes, in a quarter of the memory of floats. A byte b means the number
/// scale * b.
struct Bytes {
  std::vector<std::uint8_t> values;  ///< all bytes, row by row
  std::size_t features;              ///< number of bytes in one row
  double scale = 1.0 / 255;          ///< factor from a byte to its number
};

/// Features stored as doubles, as a text file gives them. A Standardizer computes with these
/// doubles. Other readers convert them to Scalar.
struct Table {
  std::vector<double> values;        ///< all numbers, row by row
  std::size_t features;              ///< number of features in one row
  std::vector<std::string> names{};  ///< column names; empty if the columns have no names
};

class Standardizer;

/// Rows of features, each with a label: the number of its class. A Dataset is a handle to data that
/// never changes. A copy refers to the same data.
///
/// Every constructor throws ShapeError or DataError unless there are at least one row and one
/// feature, one label for each row, and all labels are in [0, classes).
class Dataset {
 public:
  /// Creates a data set from x of shape (rows, features). The classes are named "0", "1", ...
  Dataset(Array x, Labels y, std::size_t classes);
  /// Creates a data set from x of shape (rows, features), with class names.
  Dataset(Array x, Labels y, std::vector<std::string> class_names);
  /// Creates a data set with features stored as bytes. The classes are named "0", "1", ...
  Dataset(Bytes x, Labels y, std::size_t classes);
  /// Creates a data set with features stored as bytes, with class names.
  Dataset(Bytes x, Labels y, std::vector<std::string> class_names);
  /// Creates a data set with features stored as doubles, with class names.
  Dataset(Table x, Labels y, std::vector<std::string> class_names);

  /// Returns the number of rows.
  std::size_t size() const;
  /// Returns the number of features in a row.
  std::size_t features() const;
  /// Returns the number of classes.
  std::size_t classes() const { return class_names().size(); }
  /// Returns the class names: class_names()[label] for each label.
  const std::vector<std::string>& class_names() const&;
  std::vector<std::string> class_names() const&&;  ///< Returns a copy.
  /// Returns the label of each row.
  const Labels& labels() const&;
  Labels labels() const&&;  ///< Returns a copy.
  /// Returns the names of the feature columns; empty if they have no names.
  const std::vector<std::string>& feature_names() const&;
  std::vector<std::string> feature_names() const&&;  ///< Returns a copy.
  /// Returns the Standardizers that were applied to the features, first to last.
  const std::vector<Standardizer>& scaling() const&;
  std::vector<Standardizer> scaling() const&&;  ///< Returns a copy.

  /// Copies the given rows, in this order, to x (rows.size() * features() numbers) and their labels
  /// to y, unless y is null. Splits large copies over num_threads() threads. Throws OptionError if
  /// a row does not exist, before it writes anything.
  void gather(std::span<const std::size_t> rows, Scalar* x, std::int32_t* y) const;

  /// Copies the features of one row to x. Doubles of a Table are copied exactly. Throws OptionError
  /// if the row does not exist, and ShapeError unless x has features() elements.
  void read_row(std::size_t row, std::span<double> x) const;

  /// Returns the features of all rows, of shape (size(), features()).
  Array gather_all() const;

  /// Returns a data set of the given rows, in this order, with the same classes. Throws OptionError
  /// if a row does not exist.
  Dataset subset(std::span<const std::size_t> rows) const;

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
/// of them. Rng(seed) chooses the rows; each part keeps their order. Throws OptionError unless
/// 0 < test_fraction < 1, and DataError if no class has two rows.
std::pair<Dataset, Dataset> stratified_split(const Dataset& dataset, double test_fraction,
                                             std::uint64_t seed);

}  // namespace xgrad::inline XGRAD_ABI::datasets
