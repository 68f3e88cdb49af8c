// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Linear layers with ReLU between them; widths from the input to the classes: {784, 128, 10}.
xgrad::nn::Sequential make_mlp(const std::vector<std::size_t>& widths, xgrad::Rng& rng);

/// The net that train_mnist --save wrote, its widths read from the file. Throws DataError where the
/// file is not such a net.
xgrad::nn::Sequential load_mlp(const std::filesystem::path& file);

/// "784-128-10"
std::string describe(const std::vector<std::size_t>& widths);
