// SPDX-License-Identifier: MIT
#include <xgrad/nn/layer_norm.hpp>

#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/internal/numbers.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

LayerNorm::LayerNorm(std::size_t features, LayerNormOptions options)
    : weight(register_parameter("weight", ones({features}))),
      bias(register_parameter("bias", zeros({features}))),
      eps_(options.eps) {
  require_positive("LayerNorm", "features", static_cast<double>(features));
  require_non_negative("LayerNorm", "eps", eps_);
}

Tensor LayerNorm::forward(const Tensor& x) { return layer_norm(x, weight, bias, eps_); }

std::string LayerNorm::description() const {
  return "LayerNorm(" + std::to_string(weight.size()) + ")";
}

}  // namespace xgrad::inline XGRAD_ABI::nn
