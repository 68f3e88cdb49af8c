// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Options of LayerNorm.
struct LayerNormOptions {
  double eps = 1e-5;  ///< is added to the variance
};

/// Normalizes each row of x, of shape (..., features): layer_norm(x, weight, bias, eps).
class LayerNorm : public Module {
 public:
  /// The weight starts as ones and the bias as zeros. Throws OptionError if `features` is 0 or eps
  /// is negative.
  explicit LayerNorm(std::size_t features, LayerNormOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

  Parameter weight;  ///< shape (features)
  Parameter bias;    ///< shape (features)

 private:
  double eps_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
