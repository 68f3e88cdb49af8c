// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/kernels.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The six rules, schedules for their learning rate, gradient clipping.
namespace xgrad::inline XGRAD_ABI::optim {

/// What the six rules share. Below, theta is a parameter, g its gradient and lr the learning rate;
/// all state starts at 0 and all operations are element by element.
///
/// A step never changes a gradient. Parameters without a gradient are skipped. `weight_decay` is
/// the L2 penalty: g + weight_decay theta takes the place of g.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Copying would share the parameters but not the state.
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer& operator=(Optimizer&&) = delete;

  /// Applies the rule once to every parameter that has a gradient, and counts one step. Graphs
  /// recorded before notice that their leaves changed. Throws Error in evaluation mode of NAG.
  void step();
  /// Forgets the gradients of all parameters.
  void zero_grad();

  /// The lr of the formulas.
  double learning_rate() const { return lr_; }
  /// Sets the rate of the next steps. At 0 only an old velocity (Momentum, NAG) moves parameters.
  /// Throws OptionError, and keeps the old rate, unless lr is at least 0 and finite as a Scalar.
  void set_learning_rate(double lr);
  /// Steps taken so far: the t of Adam's formula.
  std::uint64_t step_count() const { return steps_; }
  /// Returns the rule's name, as `make` takes it.
  std::string name() const { return name_; }
  /// Returns the parameters as they were given.
  const std::vector<Tensor>& parameters() const& { return parameters_; }
  std::vector<Tensor> parameters() const&& { return parameters_; }  ///< Returns a copy.
  /// Puts the true parameters in place for evaluation, and the training ones back. They differ only
  /// in NAG; elsewhere, and when called twice, these do nothing.
  virtual void eval() {}
  /// Puts the training parameters back.
  virtual void train() {}

  // What checkpoints keep besides the parameters.
  /// The rule with its options, all but the learning rate: "adam, weight_decay 0, beta1 0.9, ...".
  std::string description() const { return description_; }
  /// Whether NAG is between eval() and train().
  bool is_evaluating() const { return evaluating_; }
  /// One array for each parameter, of its shape; none until it is needed.
  using State = std::vector<std::optional<Array>>;
  /// What the rule remembers, by name.
  std::vector<std::pair<std::string, State*>> states() const;
  /// Goes on from such a count, rate and mode. Throws OptionError like set_learning_rate.
  void resume(std::uint64_t step_count, double lr, bool evaluating);

 protected:
  /// Throws OptionError where there is no parameter, where one is no leaf that requires a gradient,
  /// where one stands twice, or where an option is out of range.
  Optimizer(std::string name, std::vector<Tensor> parameters, double lr, double weight_decay);
  Optimizer(Optimizer&&) = default;  ///< takes the state along

  /// Checks an option of the rule and adds it to the description.
  void add_option(void (*check)(const char*, const char*, double), const char* name, double value);

  /// A state of the rule, such as Adam's "mean": step() makes what is missing, filled with 0,
  /// before it changes anything. The reference stays valid as long as this optimizer.
  State& add_state(std::string name) { return add(states_, std::move(name)); }
  /// A state that the rule itself fills and empties.
  State& add_kept(std::string name) { return add(kept_, std::move(name)); }

  /// The learning rate, as kernels take it.
  Scalar lr() const { return static_cast<Scalar>(lr_); }
  /// The L2 penalty, likewise.
  Scalar weight_decay() const { return static_cast<Scalar>(weight_decay_); }
  bool evaluating_ = false;  ///< between eval() and train(), where the rule tells them apart

 private:
  using States = std::vector<std::pair<std::string, std::unique_ptr<State>>>;
  State& add(States& states, std::string name);
  /// Comes before step number t: computes what its elements share, or throws where no step must be
  /// taken now.
  virtual void prepare_step(std::uint64_t) {}
  /// The rule for the n elements of parameter i that start at `begin`: theta and g point at them.
  virtual void update(std::size_t i, std::size_t begin, std::size_t n, Scalar* theta,
                      Kernels::Scaled g) = 0;

  std::string name_;
  std::vector<Tensor> parameters_;
  double lr_;
  double weight_decay_;
  std::uint64_t steps_ = 0;
  std::string description_ = name_;
  States states_;
  States kept_;
};

/// The true parameters (see NAG) for the life of this object; the mode is as before afterwards.
class EvalParametersGuard {
 public:
  /// Calls eval().
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

/// The optimizer of this name (sgd, momentum, nag, adagrad, rmsprop, adam) with its default options
/// and, where given, this learning rate. Throws OptionError for an unknown name.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                std::optional<double> lr = std::nullopt);

/// Hyper-parameters by name, as the rules' structs call them: {"lr": 0.01, "beta2": 0.99}.
using OptionMap = std::map<std::string, double>;
/// The same with these options; those left out keep their defaults. Throws OptionError for a name
/// that the rule has not, and like the rule's constructor.
std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                const OptionMap& options);
/// All options of a rule with their defaults. Throws OptionError for an unknown name.
OptionMap default_options(const std::string& name);

/// The names that `make` knows, in the order above.
std::vector<std::string> names();

/// Scales all gradients by max_norm / norm if their joint Euclidean norm is above max_norm, and
/// returns the norm before, which is infinite if it does not fit in double. Nothing changes at or
/// below the limit, or if an element is not finite. Throws OptionError unless max_norm is finite
/// and above 0.
double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm);

}  // namespace xgrad::inline XGRAD_ABI::optim
