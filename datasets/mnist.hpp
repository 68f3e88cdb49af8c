// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>

namespace xgrad::inline XGRAD_ABI::datasets {

/// MNIST (LeCun, Cortes, Burges 1998), or any set in its format, from its four files in a
/// directory: pixels / 255 in rows of height * width features, 10 classes. Each file may be named
/// train-images-idx3-ubyte or train-images.idx3-ubyte (t10k- for the test part), with .gz or
/// without. The pixels stay bytes in memory and become floats batch by batch. Throws DataError,
/// naming the absolute path, for a directory or file that is missing (and says where to get it),
/// and for files that are damaged or do not belong together.
Dataset mnist(const std::filesystem::path& directory, Split split);

/// Whether a directory holds all four files, under any of these names.
bool has_mnist(const std::filesystem::path& directory);

}  // namespace xgrad::inline XGRAD_ABI::datasets
