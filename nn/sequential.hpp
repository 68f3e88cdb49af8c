// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::nn {

/// Applies modules one after the other. They are named "0", "1", ...:
/// `nn::Sequential model{nn::Linear(784, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng)};`
/// Use braces: they create the layers in this order. In parentheses, the compiler may create them
/// in any order, so that the initial values depend on the compiler.
class Sequential : public Module {
 public:
  Sequential() = default;
  /// Moves the layers into this module, first to last.
  template <std::derived_from<Module>... Layers>
  requires(sizeof...(Layers) > 1 ||
           (... && !std::same_as<Layers, Sequential>)) explicit Sequential(Layers... layers) {
    (add(std::move(layers)), ...);
  }

  /// Appends a layer and returns a reference to it.
  template <std::derived_from<Module> M>
  M& add(M layer) {
    return register_module(std::to_string(size()), std::move(layer));
  }

  /// Returns the number of layers.
  std::size_t size() const { return modules().size(); }
  /// Returns layer i. Throws OptionError unless i < size().
  Module& operator[](std::size_t i);
  const Module& operator[](std::size_t i) const;  ///< Returns layer i for reading.

  Tensor forward(const Tensor& x) override;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
