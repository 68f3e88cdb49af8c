// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/nn/parameter.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Layers, models and losses.
namespace xgrad::inline XGRAD_ABI::nn {

/// The base class of layers and models: a function with parameters. Derive from it, register the
/// parameters and the inner modules in the constructor, and define forward():
///
///     struct Mlp : nn::Module {
///       explicit Mlp(Rng& rng)
///           : hidden(register_module("hidden", nn::Linear(784, 128, rng))),
///             output(register_module("output", nn::Linear(128, 10, rng))) {}
///       Tensor forward(const Tensor& x) override { return output(relu(hidden(x))); }
///       nn::Linear &hidden, &output;
///     };
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  /// Moves a module. Its parameters remain the same tensors.
  Module(Module&&) = default;
  /// Moves a module. A derived class that has members of type Parameter cannot be move-assigned.
  Module& operator=(Module&&) = default;

  /// Computes the output of the module for the input x.
  virtual Tensor forward(const Tensor& x) = 0;
  /// Calls forward(x).
  Tensor operator()(const Tensor& x) { return forward(x); }

  /// Returns the parameters of this module and of the inner modules, in the order of registration.
  std::vector<Tensor> parameters() const;
  /// Returns the parameters with their names. Names of inner modules are joined by dots:
  /// "hidden.weight".
  std::vector<std::pair<std::string, Tensor>> named_parameters() const;

  /// Returns the random generators that forward() draws from, with their names.
  std::vector<std::pair<std::string, Rng*>> named_rngs() const;

  /// Puts this module and the inner modules into training mode. Among the layers of xgrad, only
  /// Dropout behaves differently in evaluation mode. The mode does not change requires_grad().
  void train() { set_training(true); }
  /// Puts this module and the inner modules into evaluation mode.
  void eval() { set_training(false); }
  /// Returns whether this module is in training mode.
  bool is_training() const { return training_; }

  /// Clears the gradients of all parameters.
  void zero_grad();

 protected:
  /// Creates a parameter with the initial value `init` and registers it under `name`. Store the
  /// result in a member of type Parameter, which always refers to the same tensor. Throws
  /// OptionError if the name is empty, contains a dot or is already registered.
  Parameter register_parameter(std::string name, Array init);

  /// Creates a generator that forward() draws from, and lists it under `name`, so that checkpoints
  /// contain its state. The reference is valid as long as this module lives, even if the module is
  /// moved. Throws OptionError like register_parameter().
  Rng& register_rng(std::string name, std::uint64_t seed);

  /// Moves `module` into this module and registers its parameters under `name`. The returned
  /// reference is valid as long as this module, even if this module is moved. Throws OptionError
  /// like register_parameter().
  template <std::derived_from<Module> M>
  M& register_module(std::string name, M module) {
    check_name(name);
    auto owned = std::make_unique<M>(std::move(module));
    M& reference = *owned;
    modules_.emplace_back(std::move(name), std::move(owned));
    return reference;
  }

  /// Returns the inner modules, in the order of registration.
  const std::vector<std::pair<std::string, std::unique_ptr<Module>>>& modules() const {
    return modules_;
  }

 private:
  friend class EvalModeGuard;
  void check_name(const std::string& name) const;
  void set_training(bool training);

  std::vector<std::pair<std::string, Tensor>> parameters_;
  std::vector<std::pair<std::string, std::unique_ptr<Rng>>> rngs_;
  std::vector<std::pair<std::string, std::unique_ptr<Module>>> modules_;
  bool training_ = true;
};

/// Keeps a module in evaluation mode while the guard lives, then restores the mode of each inner
/// module. Does not write to modules that are already in evaluation mode, so that several threads
/// may share them.
class EvalModeGuard {
 public:
  /// Puts the module and its inner modules into evaluation mode.
  explicit EvalModeGuard(Module& module);
  ~EvalModeGuard();
  EvalModeGuard(const EvalModeGuard&) = delete;
  EvalModeGuard& operator=(const EvalModeGuard&) = delete;

 private:
  void collect(Module& module);
  std::vector<Module*> were_training_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
