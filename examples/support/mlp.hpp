// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Returns the widths of a network for a data set: its features, `hidden`, and its classes.
std::vector<std::size_t> mlp_widths(const xgrad::datasets::Dataset& data,
                                    const std::vector<std::size_t>& hidden);

/// Creates Linear layers with ReLU between them. `widths` are the numbers of inputs, of units in
/// the hidden layers and of classes, for example {784, 128, 10}.
xgrad::nn::Sequential make_mlp(const std::vector<std::size_t>& widths, xgrad::Rng& rng);

/// Loads a network from a file that train_mnist --save wrote. Throws DataError if the file does not
/// contain such a network.
xgrad::nn::Sequential load_mlp(const std::filesystem::path& file);

/// Returns the widths as text: "784-128-10".
std::string describe(const std::vector<std::size_t>& widths);
