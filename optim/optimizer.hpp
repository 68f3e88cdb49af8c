// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/operand.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Update rules, learning rate schedules and gradient clipping.
namespace xgrad::inline XGRAD_ABI::optim {

/// The base class of the optimizers. In the formulas, theta is a parameter, g its gradient and lr
/// the learning rate. All state starts at 0, and all operations are element by element.
///
/// A step never changes a gradient, and skips parameters without a gradient. `weight_decay` is an
/// L2 penalty: the update rule uses g + weight_decay * theta instead of g.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Not copyable: a copy would share the parameters but not the state.
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer& operator=(Optimizer&&) = delete;

  /// Updates every parameter that has a gradient, and counts one step. Counts as an assign() to
  /// each of them. Throws Error if NAG is in evaluation mode; see eval().
  void step();
  /// Clears the gradients of all parameters.
  void zero_grad();

  /// Returns the learning rate, lr in the formulas.
  double learning_rate() const { return lr_; }
  /// Sets the learning rate of the next steps. At 0, only the velocity of Momentum and NAG still
  /// moves parameters. Throws OptionError unless lr is at least 0 and finite as a Scalar.
  void set_learning_rate(double lr);
  /// Returns the number of steps so far, t in the formula of Adam.
  std::uint64_t step_count() const { return steps_; }
  /// Returns the name of the optimizer, which make() accepts.
  std::string name() const { return name_; }
  /// Returns the parameters in the order in which they were given.
  const std::vector<Tensor>& parameters() const& { return parameters_; }
  std::vector<Tensor> parameters() const&& { return parameters_; }  ///< Returns a copy.
  /// Switches the parameters to their evaluation values. Only NAG trains on different values; for
  /// every other optimizer, and if called twice, this is a no-op.
  virtual void eval() {}
  /// Switches the parameters back to their training values, bit for bit.
  virtual void train() {}

  /// Returns the name and the options without the learning rate: "adam, weight_decay 0, ...".
  std::string description() const { return description_; }
  /// Returns whether NAG is in evaluation mode, between eval() and train().
  bool is_evaluating() const { return evaluating_; }
  /// One array per parameter, of the parameter's shape; nullopt before its first use.
  using State = std::vector<std::optional<Array>>;
  /// Returns the states of the optimizer by name, for checkpoints.
  std::vector<std::pair<std::string, State*>> states() const;
  /// Restores the values of a checkpoint. Throws OptionError like set_learning_rate().
  void resume(std::uint64_t step_count, double lr, bool evaluating);

 protected:
  /// Throws OptionError if `parameters` is empty, contains a tensor twice or one that is not a leaf
  /// with requires_grad, or if an option is out of range.
  Optimizer(std::string name, std::vector<Tensor> parameters, double lr, double weight_decay);
  Optimizer(Optimizer&&) = default;  ///< Moves the parameters and the state.

  /// The range of an option: above 0, at least 0, or in [0, 1).
  enum class Range { positive, non_negative, fraction };
  /// Appends an option to description(). Throws OptionError if it is out of its range.
  void add_option(const char* name, double value, Range range);

  /// Adds a state such as Adam's "mean". step() creates missing arrays, filled with 0, before it
  /// changes anything. The reference is valid as long as this optimizer.
  State& add_state(std::string name) { return add(states_, std::move(name)); }
  /// Adds a state whose arrays the derived class itself creates and deletes.
  State& add_kept(std::string name) { return add(kept_, std::move(name)); }

  /// Returns the learning rate as a Scalar, for the kernels.
  Scalar lr() const { return static_cast<Scalar>(lr_); }
  /// Returns the weight decay as a Scalar, for the kernels.
  Scalar weight_decay() const { return static_cast<Scalar>(weight_decay_); }
  bool evaluating_ = false;  ///< whether eval() was called last; only NAG sets it

 private:
  using States = std::vector<std::pair<std::string, std::unique_ptr<State>>>;
  State& add(States& states, std::string name);
  /// Prepares step number t: computes coefficients that all elements share. May throw to refuse it.
  virtual void prepare_step(std::uint64_t) {}
  /// Applies the update rule to n elements of parameter i. `begin` is the index of the first one,
  /// and theta and g point to it.
  virtual void update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta,
                      ScaledSpan g) = 0;

  std::string name_;
  std::vector<Tensor> parameters_;
  double lr_;
  double weight_decay_;
  std::uint64_t steps_ = 0;
  std::string description_ = name_;
  States states_;
  States kept_;
};

/// Keeps an optimizer in evaluation mode (see NAG) while the guard lives, then restores its mode.
class EvalParametersGuard {
 public:
  /// Calls optimizer.eval().
  explicit EvalParametersGuard(Optimizer& optimizer)
      : optimizer_(optimizer), was_training_(!optimizer.is_evaluating()) {
    optimizer_.eval();
  }
  ~EvalParametersGuard() {
    if (was_training_) optimizer_.train();
  }
  EvalParametersGuard(const EvalParametersGuard&) = delete;
  EvalParametersGuard& operator=(const EvalParametersGuard&) = delete;

 private:
  Optimizer& optimizer_;
  bool was_training_;
};

/// Creates an optimizer by name: sgd, momentum, nag, adagrad, rmsprop or adam. Without `lr`, it has
/// its default learning rate. Throws OptionError for an unknown name, and like the constructor.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                std::optional<double> lr = std::nullopt);

/// Hyperparameters by the names of the option structs: {"lr": 0.01, "beta2": 0.99}.
using OptionMap = std::map<std::string, double>;
/// Creates an optimizer by name with `options`; the others keep their defaults. Throws OptionError
/// for an unknown name of an optimizer or option, and like the constructor.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                const OptionMap& options);
/// Returns all options of an optimizer with their defaults. Throws OptionError for an unknown name.
OptionMap default_options(const std::string& name);

/// Returns the names that make() accepts, in the order given there.
std::vector<std::string> names();

/// Multiplies all gradients by max_norm / norm if their joint Euclidean norm is above max_norm and
/// all elements are finite. Returns the norm before, which is infinite if it does not fit in a
/// double. Throws OptionError unless max_norm is finite and above 0.
double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm);

}  // namespace xgrad::inline XGRAD_ABI::optim
