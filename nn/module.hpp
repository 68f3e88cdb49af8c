// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/nn/parameter.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Layers, models and losses.
namespace xgrad::inline XGRAD_ABI::nn {

/// A function with parameters. Derive from it, register what it owns in the constructor, and write
/// forward():
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
  /// The parameters stay the same tensors. A module with members of type Parameter can be made from
  /// another one, as here, but not assigned to.
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;  ///< likewise

  /// What it computes.
  virtual Tensor forward(const Tensor& x) = 0;
  /// The same: `model(x)`.
  Tensor operator()(const Tensor& x) { return forward(x); }

  /// This module's parameters and those of the modules inside, in the order of registration.
  std::vector<Tensor> parameters() const;
  /// The same with their names, joined by dots: "hidden.weight".
  std::vector<std::pair<std::string, Tensor>> named_parameters() const;

  /// The random generators that forward() draws from, with their names; one may stand here twice.
  std::vector<std::pair<std::string, Rng*>> named_rngs() const;

  /// Training or evaluation mode, for this module and those inside; only Dropout tells them apart.
  /// Which parameters require a gradient stays as it is.
  void train() { set_training(true); }
  /// Evaluation mode.
  void eval() { set_training(false); }
  /// Whether it is in training mode.
  bool is_training() const { return training_; }

  /// Forgets the gradients of all parameters.
  void zero_grad();

 protected:
  /// Makes a parameter that starts as `init` and is listed under `name`. Keep it as a member of
  /// type Parameter, which nobody can make refer to another tensor. Throws OptionError where the
  /// name is empty, has a dot or is taken.
  Parameter register_parameter(std::string name, Array init);

  /// Lists a generator that forward() draws from, so that checkpoints keep its state. It must
  /// outlive this module. Throws OptionError like register_parameter.
  void register_rng(std::string name, Rng& rng);

  /// Takes over a module and lists its parameters under `name`. The reference stays valid as long
  /// as this module, also when it is moved. Throws OptionError like register_parameter.
  template <std::derived_from<Module> M>
  M& register_module(std::string name, M module) {
    check_name(name);
    auto owned = std::make_unique<M>(std::move(module));
    M& reference = *owned;
    modules_.emplace_back(std::move(name), std::move(owned));
    return reference;
  }

  /// The modules inside, in the order of registration.
  const std::vector<std::pair<std::string, std::unique_ptr<Module>>>& modules() const {
    return modules_;
  }

 private:
  friend class EvalModeGuard;
  void check_name(const std::string& name) const;
  void set_training(bool training);

  std::vector<std::pair<std::string, Tensor>> parameters_;
  std::vector<std::pair<std::string, Rng*>> rngs_;
  std::vector<std::pair<std::string, std::unique_ptr<Module>>> modules_;
  bool training_ = true;
};

/// Evaluation mode for the life of this object; each module's own mode is back afterwards. Writes
/// nothing to modules that are in evaluation mode already, so that threads may share those.
class EvalModeGuard {
 public:
  /// Puts the module and those inside into evaluation mode.
  explicit EvalModeGuard(Module& module);
  ~EvalModeGuard();
  EvalModeGuard(const EvalModeGuard&) = delete;
  EvalModeGuard& operator=(const EvalModeGuard&) = delete;

 private:
  void collect(Module& module);
  std::vector<Module*> were_training_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
