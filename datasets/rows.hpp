// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

// The forms in which a program gives features to a Dataset, apart from an Array.
namespace xgrad::inline XGRAD_ABI::datasets {

/// The shape of one row of features: {784}, or {1, 28, 28} for an image of one channel.
struct RowShape : Shape {
  RowShape(std::size_t features) : Shape{features} {}  ///< Creates the shape {features}.
  RowShape(std::initializer_list<std::size_t> extents) : Shape(extents) {}  ///< Lists the extents.
  RowShape(const Shape& shape) : Shape(shape) {}                            ///< Copies a shape.
};

/// Features stored as bytes, in a quarter of the memory of floats. A byte b means the number
/// scale * b.
struct Bytes {
  std::vector<std::uint8_t> values;  ///< all bytes, row by row
  RowShape shape;                    ///< shape of one row
  double scale = 1.0 / 255;          ///< factor from a byte to its number
};

/// A column of a text table, and how its fields become features.
struct Column {
  std::string name;  ///< name of the column, or its number if the columns have no names
  /// Words of a categorical column, in sorted order: each is one feature, which is 1 for this word
  /// and 0 for the others (one-hot). Empty for a column of numbers, which is one feature.
  std::vector<std::string> categories{};
  /// What the features are if the value is missing; empty if that is an error.
  std::vector<double> missing{};

  /// Returns the number of features.
  std::size_t width() const { return categories.empty() ? 1 : categories.size(); }
};

/// Features stored as doubles, as a text file gives them. A Standardizer computes with these
/// doubles. Other readers convert them to Scalar.
struct Table {
  std::vector<double> values;        ///< all numbers, row by row
  std::size_t features;              ///< number of features in one row
  std::vector<std::string> names{};  ///< feature names; empty if the columns have no names
  std::vector<Column> columns{};     ///< columns of the text that it was read from
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
