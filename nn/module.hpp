// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/nn/parameter.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Layers, models and losses.
namespace xgrad::inline XGRAD_ABI::nn {

class Module;
/// A list of values with their names. Names of inner modules are joined by dots: "hidden.weight".
template <class T>
using Named = std::vector<std::pair<std::string, T>>;

/// A function that a module calls after forward(), with its input and its output.
using ForwardHook = std::function<void(Module& module, const Tensor& x, const Tensor& y)>;

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

  /// Computes the output for the input x. In evaluation mode, it must not change the module.
  virtual Tensor forward(const Tensor& x) = 0;
  /// Calls forward(x), then the hooks. Adds the name of the layer to a ShapeError or a DataError.
  /// Throws Error if the caller is the forward() of a module in training mode, and this module has
  /// parameters to train but was never registered, because it would be neither trained nor saved.
  /// Throws Error if the caller is another module, and this module was never registered, has
  /// buffers or random numbers and is in training mode, because eval() of the caller would not
  /// reach it. A module of another model can be called by its forward().
  Tensor operator()(const Tensor& x);
  /// Calls a module in evaluation mode. Throws Error if it or an inner module is in training mode.
  Tensor operator()(const Tensor& x) const;

  /// Returns the parameters of this module and of the inner modules, in the order of registration.
  /// A parameter that several modules share is listed once.
  std::vector<Tensor> parameters() const;
  Named<Tensor> named_parameters() const;  ///< Returns the parameters with their names.
  /// Returns the buffers: tensors that are saved with the parameters, but not trained.
  std::vector<Tensor> buffers() const;
  Named<Tensor> named_buffers() const;  ///< Returns the buffers with their names.
  /// Returns the parameters, then the buffers: the tensors that files contain.
  Named<Tensor> named_state() const;
  /// Returns the random generators that forward() draws from, with their names.
  Named<Rng*> named_rngs() const;
  /// Returns this module, named "", and the inner modules, each before the modules inside it.
  Named<Module*> named_modules();
  Named<const Module*> named_modules() const;  ///< Returns the modules for reading.

  /// Copies the parameters and the buffers of a model with the same architecture. Throws Error if
  /// the names differ and ShapeError if a shape differs, before it changes anything.
  void load_state(const Module& other);

  /// Puts this module and the inner modules into training mode. requires_grad() does not change.
  void train() { set_training(true); }
  /// Puts this module and the inner modules into evaluation mode.
  void eval() { set_training(false); }
  /// Returns whether this module is in training mode.
  bool is_training() const { return training_; }
  /// Sets whether the parameters require gradients. An optimizer does not change those that do not.
  void set_requires_grad(bool requires_grad);
  /// Clears the gradients of all parameters.
  void zero_grad();

  /// Adds a function that operator() calls after forward(). Returns its number for
  /// remove_forward_hook().
  std::size_t register_forward_hook(ForwardHook hook);
  /// Removes a hook. Throws OptionError if no hook has this number.
  void remove_forward_hook(std::size_t number);

  /// Returns the type and the options, as errors and summary() print them: "Linear(784, 128)". By
  /// default, returns the name of the class.
  virtual std::string description() const;
  /// Returns the number of multiply-adds of a forward pass with the input shape `x` and the output
  /// shape `y`, without those of the inner modules, for summary(). By default, returns 0.
  virtual std::size_t multiply_adds(const Shape& x, const Shape& y) const;

 protected:
  /// Creates a parameter with the initial value `init` and registers it under `name`. Store the
  /// result in a member of type Parameter, which cannot be rebound. Throws OptionError if the name
  /// is empty, contains a dot or is already registered.
  Parameter register_parameter(std::string name, Array init);
  /// Creates a buffer with the initial value `init`, which does not require a gradient, and
  /// registers it under `name`. Store the result in a member of type Parameter: an assignment to it
  /// writes the values in place. Throws OptionError like register_parameter().
  Parameter register_buffer(std::string name, Array init);
  /// Creates a generator that forward() draws from, and lists it under `name`, so that checkpoints
  /// contain its state. The reference is valid as long as this module lives, even if the module is
  /// moved. Throws OptionError like register_parameter().
  Rng& register_rng(std::string name, std::uint64_t seed);

  /// Moves `module` into this module and registers its parameters under `name`. The returned
  /// reference is valid as long as this module, even if this module is moved. Throws OptionError
  /// like register_parameter().
  template <std::derived_from<Module> M>
  M& register_module(const std::string& name, M module) {
    auto owned = std::make_unique<M>(std::move(module));
    M& reference = *owned;
    add_module(name, std::move(owned));
    return reference;
  }

  /// Returns the inner modules, in the order of registration.
  const Named<std::unique_ptr<Module>>& modules() const { return modules_; }

 private:
  friend class EvalModeGuard;
  class Call;
  void add_module(std::string name, std::unique_ptr<Module> module);
  void check_name(const std::string& name) const;
  Named<Tensor> listed(Named<Parameter> Module::*list) const;
  void set_training(bool training);
  bool any_in_training() const;
  bool has_trained_parameters() const;
  bool must_be_switched() const;

  Named<Parameter> parameters_;
  Named<Parameter> buffers_;
  Named<std::unique_ptr<Rng>> rngs_;
  Named<std::unique_ptr<Module>> modules_;
  std::vector<std::pair<std::size_t, ForwardHook>> hooks_;
  std::size_t hooks_made_ = 0;
  bool training_ = true;
  bool is_registered_ = false;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
