// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>

#include <cstddef>

/// Initial values of parameters.
namespace xgrad::inline XGRAD_ABI::nn::init {

/// Returns an array drawn from U(-a, a) with a = 1 / sqrt(fan_in). Linear uses it by default, as
/// PyTorch does.
Array kaiming_uniform(const Shape& shape, std::size_t fan_in, Rng& rng);

/// Returns an array of shape (out, in) drawn from U(-a, a) with a = sqrt(6 / (in + out)). It suits
/// tanh and sigmoid. Throws ShapeError if the shape does not have two axes.
/// (Glorot and Bengio 2010)
Array xavier_uniform(const Shape& shape, Rng& rng);

/// Returns an array of shape (out, in) drawn from a normal distribution with mean 0 and variance
/// 2 / in. It suits ReLU. Throws ShapeError if the shape does not have two axes. (He et al. 2015)
Array kaiming_normal(const Shape& shape, Rng& rng);

}  // namespace xgrad::inline XGRAD_ABI::nn::init
