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

/// Data sets from memory, files and the library itself, and the loader that makes batches of them.
namespace xgrad::inline XGRAD_ABI::datasets {

/// The two parts that the ready-made data sets come in.
enum class Split { train, test };

/// Features kept as bytes, a quarter of the memory of floats: each stands for scale * byte.
struct Bytes {
  std::vector<std::uint8_t> values;  ///< row after row
  std::size_t features;              ///< bytes of one row
  double scale = 1.0 / 255;          ///< of one step
};

/// Features kept as doubles, as a reader of text finds them. A Standardizer sees every digit of
/// them; without one they become Scalar when they are read.
struct Table {
  std::vector<double> values;        ///< row after row
  std::size_t features;              ///< numbers of one row
  std::vector<std::string> names{};  ///< of the columns; empty if they have none
};

class Standardizer;

/// Rows of features, each with a class number. A handle to data that never changes: a copy is the
/// same data.
///
/// Every constructor throws ShapeError or DataError unless there is at least one row and one
/// feature, as many labels as rows, and every label is in [0, classes).
class Dataset {
 public:
  /// x of shape (rows, features); the classes are named "0", "1", ...
  Dataset(Array x, Labels y, std::size_t classes);
  /// The same with names for the classes.
  Dataset(Array x, Labels y, std::vector<std::string> class_names);
  /// Features as bytes.
  Dataset(Bytes x, Labels y, std::size_t classes);
  /// Features as bytes, classes with names.
  Dataset(Bytes x, Labels y, std::vector<std::string> class_names);
  /// Features as doubles, classes with names.
  Dataset(Table x, Labels y, std::vector<std::string> class_names);

  /// Number of rows.
  std::size_t size() const;
  /// Numbers in a row.
  std::size_t features() const;
  /// Number of classes.
  std::size_t classes() const { return class_names().size(); }
  /// Their names, in the order of the labels.
  const std::vector<std::string>& class_names() const&;
  std::vector<std::string> class_names() const&&;  ///< Returns a copy.
  /// Returns the class of each row.
  const Labels& labels() const&;
  Labels labels() const&&;  ///< Returns a copy.
  /// Returns the names of the columns, or nothing if they have none.
  const std::vector<std::string>& feature_names() const&;
  std::vector<std::string> feature_names() const&&;  ///< Returns a copy.
  /// Returns the standardisations that the features have been through, first to last.
  const std::vector<Standardizer>& scaling() const&;
  std::vector<Standardizer> scaling() const&&;  ///< Returns a copy.

  /// Copies the chosen rows, in this order, to x (rows.size() * features() numbers) and their
  /// labels to y, which may be null. Large copies are split over num_threads(). Throws OptionError
  /// for a row that does not exist, before anything is written.
  void gather(std::span<const std::size_t> rows, Scalar* x, std::int32_t* y) const;

  /// Copies the features of one row to x as doubles, with every digit that a Table holds. Throws
  /// OptionError for a row that does not exist, ShapeError unless x has features() elements.
  void read_row(std::size_t row, std::span<double> x) const;

  /// The features of all rows: (size(), features()).
  Array gather_all() const;

  /// The chosen rows, in this order, with the same classes.
  Dataset subset(std::span<const std::size_t> rows) const;

 private:
  friend class Standardizer;
  struct Contents;
  explicit Dataset(Contents contents);
  /// Returns the same rows with the features x, which `by` has made of these.
  Dataset scaled(Array x, const Standardizer& by) const;
  std::shared_ptr<const Contents> contents_;
};

/// Two parts, the rest and the test rows, in which each class has the same share: of a class with n
/// rows, test_fraction * n rounded, but at least one on either side where n > 1. Which rows is
/// drawn with Rng(seed); each part keeps the order of the rows. Throws OptionError unless
/// test_fraction is between 0 and 1, DataError where no class has two rows.
std::pair<Dataset, Dataset> stratified_split(const Dataset& dataset, double test_fraction,
                                             std::uint64_t seed);

}  // namespace xgrad::inline XGRAD_ABI::datasets
