// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Reads MNIST (LeCun, Cortes and Burges 1998), or another data set in its format, from the four
/// files in a directory. Each row is an image of shape (1, height, width) with the numbers pixel /
/// 255, and has one of 10 classes.
/// The files may be named train-images-idx3-ubyte or train-images.idx3-ubyte, with `t10k` instead
/// of `train` for the test part, with or without .gz. In memory, the pixels remain bytes; the
/// loader converts them batch by batch. Throws DataError with the absolute path if the directory or
/// a file is missing, if a file is damaged, or if the numbers of images and labels differ.
Dataset mnist(const std::filesystem::path& directory, Split split);

/// Reads Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), images of clothes in the format of MNIST:
/// 60,000 training rows and 10,000 test rows of shape (1, 28, 28), 10 classes with names. The files
/// are those of the Debian package dataset-fashion-mnist. Throws DataError like mnist(), with the
/// command that installs the package.
Dataset fashion_mnist(Split split);

/// Returns whether a directory contains all four files, under any of these names.
bool has_mnist(const std::filesystem::path& directory);

}  // namespace xgrad::inline XGRAD_ABI::datasets
