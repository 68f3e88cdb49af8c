// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/parameter.hpp>

/// Initial values of parameters. Each function that draws numbers has two forms. One returns an
/// array of the given shape. The other writes into a parameter in place:
/// `nn::init::kaiming_uniform(layer.weight, rng)`.
///
/// A weight has the shape (out, in) or, for a convolution, (out, in, height, width). Its fan_in is
/// the number of inputs of one output, in * height * width; its fan_out is out * height * width.
/// The functions that use them throw ShapeError for a shape with fewer than two axes. The formulas
/// and the defaults are those of torch.nn.init.
namespace xgrad::inline XGRAD_ABI::nn::init {

/// Draws from U(-a, a) with a = sqrt(6 / ((1 + slope^2) fan_in)). It suits a layer before a
/// LeakyReLU with this slope; the default suits ReLU. (He et al. 2015)
Array kaiming_uniform(const Shape& shape, Rng& rng, double slope = 0);
void kaiming_uniform(Parameter& p, Rng& rng, double slope = 0);  ///< Writes the values into p.

/// Draws from a normal distribution with mean 0 and variance 2 / ((1 + slope^2) fan_in). It suits a
/// layer before a LeakyReLU with this slope; the default suits ReLU. (He et al. 2015)
Array kaiming_normal(const Shape& shape, Rng& rng, double slope = 0);
void kaiming_normal(Parameter& p, Rng& rng, double slope = 0);  ///< Writes the values into p.

/// Draws from U(-a, a) with a = gain sqrt(6 / (fan_in + fan_out)). It suits tanh and sigmoid.
/// (Glorot and Bengio 2010)
Array xavier_uniform(const Shape& shape, Rng& rng, double gain = 1);
void xavier_uniform(Parameter& p, Rng& rng, double gain = 1);  ///< Writes the values into p.

/// Draws from a normal distribution with mean 0 and variance gain^2 2 / (fan_in + fan_out). It
/// suits tanh and sigmoid. (Glorot and Bengio 2010)
Array xavier_normal(const Shape& shape, Rng& rng, double gain = 1);
void xavier_normal(Parameter& p, Rng& rng, double gain = 1);  ///< Writes the values into p.

/// Draws from a normal distribution, and draws again until the number is at most two standard
/// deviations away from the mean. By default, PyTorch draws between -2 and 2 for every stddev.
/// Throws OptionError unless stddev is finite and not negative.
Array truncated_normal(const Shape& shape, Rng& rng, double mean = 0, double stddev = 1);
void truncated_normal(Parameter& p, Rng& rng, double mean = 0,
                      double stddev = 1);  ///< Writes the values into p.

/// Writes `value` to every element of p.
void constant(Parameter& p, double value);

}  // namespace xgrad::inline XGRAD_ABI::nn::init

namespace xgrad::inline XGRAD_ABI::detail {

/// Draws from U(-a, a) with a = 1 / sqrt(fan_in): the initial values of the weight and of the bias
/// of a layer, as in PyTorch.
Array layer_uniform(const Shape& shape, std::size_t fan_in, Rng& rng);

}  // namespace xgrad::inline XGRAD_ABI::detail
