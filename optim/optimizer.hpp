// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/optim/any_rule.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Update rules, learning rate schedules and gradient clipping.
namespace xgrad::inline XGRAD_ABI::optim {

/// Parameters that are trained with their own learning rate or weight decay.
struct ParameterGroup {
  std::vector<Tensor> parameters{};      ///< leaves; frozen ones may be among them
  double lr_scale = 1;                   ///< factor of the learning rate of the optimizer
  std::optional<double> weight_decay{};  ///< if nullopt, the option of the optimizer
};

/// Applies an update rule to parameters. All state starts at 0, and all operations are element by
/// element. A step never changes a gradient. It skips parameters without a gradient and frozen
/// parameters, whose requires_grad() is false.
class Optimizer {
 public:
  /// Creates an optimizer. Throws OptionError if an option is out of its range, if a group is empty
  /// or contains a tensor that is not a leaf, if a tensor occurs twice, or if all are frozen.
  Optimizer(std::unique_ptr<AnyRule> rule, std::vector<ParameterGroup> groups);
  virtual ~Optimizer() = default;
  // Not copyable: a copy would share the parameters but not the state.
  Optimizer(const Optimizer&) = delete;
  Optimizer(Optimizer&&) = default;  ///< Moves the parameters and the state.
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer& operator=(Optimizer&&) = delete;

  /// Updates every parameter that has a gradient, and counts one step. Counts as an assign() to
  /// each of them. Throws Error if NAG is in evaluation mode; see eval().
  void step();
  /// Allocates the memory that the next step() needs, so that this step() cannot fail. Needed only
  /// by processes that must all take a step or none. Throws Error like step().
  void prepare_step();
  /// Clears the gradients of all parameters.
  void zero_grad();

  /// Returns the learning rate, η in the formulas. Each group multiplies it by its lr_scale.
  double learning_rate() const { return lr_; }
  /// Sets the learning rate of the next steps. At 0, only the velocity of Momentum and NAG still
  /// moves parameters. Throws OptionError unless lr is at least 0 and finite as a Scalar.
  void set_learning_rate(double lr);
  /// Returns the number of steps so far.
  std::uint64_t step_count() const { return steps_; }
  /// Returns the name of the rule, which make() accepts.
  std::string name() const { return rule_->info().name; }
  /// Returns the parameters of all groups in the order in which they were given.
  const std::vector<Tensor>& parameters() const& { return parameters_; }
  std::vector<Tensor> parameters() const&& { return parameters_; }  ///< Returns a copy.
  /// Returns the groups.
  const std::vector<ParameterGroup>& groups() const& { return groups_; }
  /// Adds a group, whose state starts at 0. Throws OptionError like the constructor.
  void add_group(ParameterGroup group);

  /// Switches the parameters to their evaluation values. Only NAG trains on different values; for
  /// every other optimizer, and if called twice, this is a no-op.
  void eval();
  /// Switches the parameters back to their training values, bit for bit.
  void train();
  /// Returns whether NAG is in evaluation mode, between eval() and train().
  bool is_evaluating() const { return evaluating_; }

  /// Returns the rule and its options.
  const AnyRule& rule() const { return *rule_; }
  /// Returns the formula of the rule; see optim::formula().
  std::string formula(Notation notation = Notation::text) const;
  /// Returns the name, the options without the learning rate, and the groups if they differ:
  /// "adam, beta1 0.9, beta2 0.999, eps 1e-08, weight_decay 0".
  std::string description() const;
  /// One array per parameter, of the parameter's shape; nullopt before its first use.
  using State = std::vector<std::optional<Array>>;
  /// Returns the states by name, for checkpoints. The pointers are valid until the optimizer moves.
  std::vector<std::pair<std::string, State*>> states();
  /// Returns the states by name for reading.
  std::vector<std::pair<std::string, const State*>> states() const;
  /// Returns the arithmetic of the next step for one element; see optim::explain().
  std::string explain(const Tensor& parameter, const std::vector<std::size_t>& element) const;
  /// Restricts the optimizer to a part of each parameter, for a process that shares the parameters
  /// with others: step() updates the elements [begin, end) of the row of all parameters only.
  /// Existing states must already have the elements of the part only: one axis, or nullopt if there
  /// are none. eval() calls `complete`, which must copy the other elements of the parameters from
  /// the processes that update them. See train::ShardedStep.
  void set_part(std::size_t begin, std::size_t end, std::function<void()> complete);
  /// Ends the restriction. The states must have the shapes of the parameters.
  void clear_part();
  /// Returns the elements [first, second) of a parameter that step() updates.
  std::pair<std::size_t, std::size_t> part_of(std::size_t parameter) const;
  /// Restores the values of a checkpoint. Throws OptionError like set_learning_rate().
  void resume(std::uint64_t step_count, double lr, bool evaluating);

 private:
  Rates rates_of(const ParameterGroup& group, double lr) const;
  void require_rates(const ParameterGroup& group, double lr) const;
  bool is_updated(std::size_t i) const;
  void update(std::size_t i);
  std::array<Scalar*, AnyRule::kMostStates> states_of(std::size_t i);
  void require_training(const char* function) const;
  void require_whole(const char* function) const;

  std::unique_ptr<AnyRule> rule_;
  std::vector<ParameterGroup> groups_{};
  std::vector<Tensor> parameters_{};     ///< of all groups
  std::vector<std::size_t> group_of_{};  ///< index of the group of each parameter
  std::vector<State> states_{};          ///< in the order of rule_->states()
  /// One range of elements per parameter; see set_part().
  std::vector<std::pair<std::size_t, std::size_t>> parts_{};
  std::function<void()> complete_{};
  State look_ahead_{};          ///< the look-ahead points in evaluation mode; see NAG
  std::vector<Rates> rates_{};  ///< rates of the current step, one per group
  double lr_ = 0;
  double weight_decay_ = 0;
  std::uint64_t steps_ = 0;
  bool evaluating_ = false;
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

}  // namespace xgrad::inline XGRAD_ABI::optim
