// SPDX-License-Identifier: MIT
#include <xgrad/nn/sequential.hpp>

#include <xgrad/core/error.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

const Module& Sequential::operator[](std::size_t i) const {
  if (i < size()) return *modules()[i].second;
  throw OptionError("[Sequential] the index must be below the number of layers, " +
                    std::to_string(size()) + ", got " + std::to_string(i));
}

Module& Sequential::operator[](std::size_t i) {
  return const_cast<Module&>(std::as_const(*this)[i]);
}

Tensor Sequential::forward(const Tensor& x) {
  Tensor y = x;
  for (const auto& [name, layer] : modules()) y = (*layer)(y);
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI::nn
