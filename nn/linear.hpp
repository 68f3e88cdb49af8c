// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Options of Linear.
struct LinearOptions {
  bool bias = true;  ///< whether b is added
};

/// Computes y = x W^T + b, for x of shape (..., in) and y of shape (..., out). Like linear(), reads
/// each row of a batch of images as a vector, if the last axis does not have `in` elements.
class Linear : public Module {
 public:
  /// Draws the initial weight, then the bias, from U(-a, a) with a = 1 / sqrt(in), as PyTorch does.
  /// Throws OptionError if in or out is 0.
  Linear(std::size_t in, std::size_t out, Rng& rng, LinearOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string description() const override;
  std::size_t multiply_adds(const Shape& x, const Shape& y) const override;

  Parameter weight;  ///< shape (out, in)
  Parameter bias;    ///< shape (out); without bias, constant zeros that cannot be assigned to
};

}  // namespace xgrad::inline XGRAD_ABI::nn
