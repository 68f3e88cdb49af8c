// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Returns a row of its weight for each index: the result has the shape of x with `dim` appended.
class Embedding : public Module {
 public:
  /// Draws the initial weight from a normal distribution with mean 0 and variance 1, as PyTorch
  /// does. Throws OptionError if `count` or `dim` is 0.
  Embedding(std::size_t count, std::size_t dim, Rng& rng);
  /// Throws DataError if an element of x is not an integer in [0, count). x receives no gradient.
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

  Parameter weight;  ///< shape (count, dim)
};

}  // namespace xgrad::inline XGRAD_ABI::nn
