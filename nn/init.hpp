// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>

#include <cstddef>

/// Starting values of parameters.
namespace xgrad::inline XGRAD_ABI::nn::init {

/// U(-1/sqrt(fan_in), 1/sqrt(fan_in)): the default of Linear, as in PyTorch.
Array kaiming_uniform(const Shape& shape, std::size_t fan_in, Rng& rng);

/// U(-a, a), a = sqrt(6 / (fan_in + fan_out)), for tanh and sigmoid; shape (out, in). Throws
/// ShapeError for a shape that is no matrix. (Glorot and Bengio 2010)
Array xavier_uniform(const Shape& shape, Rng& rng);

/// N(0, 2 / fan_in), for ReLU; shape (out, in). Throws ShapeError for a shape that is no matrix.
/// (He et al. 2015)
Array kaiming_normal(const Shape& shape, Rng& rng);

}  // namespace xgrad::inline XGRAD_ABI::nn::init
