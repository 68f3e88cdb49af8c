// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <cstddef>
#include <filesystem>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Reads an array from a file of NumPy (`numpy.save`), plain or compressed with gzip. Accepts all
/// integer, float and bool types of up to 8 bytes, both byte orders, C and Fortran order, and the
/// versions 1 to 3 of the format. The memory used depends on the size of the file, not on what a
/// wrong header claims. Throws DataError with the absolute path, the offset, and what was expected
/// and found there, if the file is of another kind, truncated or too long, or if a number is not
/// finite or too large for Scalar.
Array read_npy(const std::filesystem::path& file);

/// Reads a data set from two files of NumPy: the features, of shape (rows, ...), and what to learn.
/// An array of integers of shape (rows) contains class labels 0, 1, ...; an array of floats of
/// shape (rows) or (rows, targets) contains targets. Features of type uint8 remain bytes in memory;
/// their numbers are 0 to 255.
///
/// `classes` is the number of classes; 0 means the largest label + 1. Give the number of the
/// training data for a test part, which may lack rows of the last class.
///
/// Throws DataError like read_npy(), if the files have different numbers of rows, or if a label is
/// negative or not below `classes`. If `classes` is 0, also throws if the labels have more than 100
/// classes and fewer than 5 rows for each class, because they are then numbers to predict. If it is
/// not, also throws if the second file contains floats.
Dataset npy(const std::filesystem::path& x_file, const std::filesystem::path& y_file,
            std::size_t classes = 0);

}  // namespace xgrad::inline XGRAD_ABI::datasets
