// SPDX-License-Identifier: MIT
#include <xgrad/nn/sequential.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

Tensor Sequential::forward(const Tensor& x) {
  Tensor y = x;
  for (const auto& [name, layer] : modules()) y = (*layer)(y);
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI::nn
