// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI::nn {

/// How a Linear is made.
struct LinearOptions {
  bool bias = true;  ///< whether b is added
};

/// y = x W^T + b: x (..., in) gives y (..., out). Weight and bias start as U(-1/sqrt(in),
/// 1/sqrt(in)), as in PyTorch. Throws OptionError where in or out is 0.
class Linear : public Module {
 public:
  /// Draws the starting values from `rng`, the weight first.
  Linear(std::size_t in, std::size_t out, Rng& rng, LinearOptions options = {});
  Tensor forward(const Tensor& x) override;

  Parameter weight;  ///< (out, in)
  Parameter bias;    ///< (out); without bias a constant 0, which cannot be assigned to
};

}  // namespace xgrad::inline XGRAD_ABI::nn
