// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::nn {

/// Modules one after the other, named "0", "1", ...:
/// `nn::Sequential model{nn::Linear(784, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng)};`
/// Braces make them in this order; in parentheses the compiler chooses which one draws first.
class Sequential : public Module {
 public:
  Sequential() = default;
  /// Takes over the layers, first to last.
  template <std::derived_from<Module>... Layers>
  requires(sizeof...(Layers) > 1 ||
           (... && !std::same_as<Layers, Sequential>)) explicit Sequential(Layers... layers) {
    (add(std::move(layers)), ...);
  }

  /// Appends a layer and gives back a reference to it.
  template <std::derived_from<Module> M>
  M& add(M layer) {
    return register_module(std::to_string(modules().size()), std::move(layer));
  }

  Tensor forward(const Tensor& x) override;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
