// SPDX-License-Identifier: MIT
#include <xgrad/optim/optimizer.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

void require_range(const char* rule, const OptionInfo& option) {
  const auto require = option.range == Range::positive   ? require_positive
                       : option.range == Range::fraction ? require_fraction
                                                         : require_non_negative;
  require(rule, option.name, option.value);
}

constexpr const char* kNoParameters =
    "there must be a parameter to optimize, got none; a model lists what it has registered with "
    "register_module() or register_parameter()";

}  // namespace

Optimizer::Optimizer(std::unique_ptr<AnyRule> rule, std::vector<ParameterGroup> groups)
    : rule_(std::move(rule)), states_(rule_->states().size()) {
  for (const OptionInfo& option : rule_->options()) {
    require_range(rule_->info().name, option);
    if (option.name == std::string("lr")) lr_ = option.value;
    if (option.name == std::string("weight_decay")) weight_decay_ = option.value;
  }
  if (groups.empty()) throw OptionError("[" + name() + "] " + kNoParameters);
  for (ParameterGroup& group : groups) add_group(std::move(group));
  if (std::none_of(parameters_.begin(), parameters_.end(),
                   [](const Tensor& p) { return p.requires_grad(); })) {
    throw OptionError("[" + name() +
                      "] a parameter must require a gradient, but none does; create "
                      "it as Tensor(array, true), or call set_requires_grad(true)");
  }
}

Rates Optimizer::rates_of(const ParameterGroup& group, double lr) const {
  return {lr * group.lr_scale, group.weight_decay.value_or(weight_decay_)};
}

void Optimizer::require_rates(const ParameterGroup& group, double lr) const {
  require_non_negative(rule_->info().name, "lr_scale", group.lr_scale);
  require_non_negative(rule_->info().name, "lr", lr);
  const Rates rates = rates_of(group, lr);
  require_non_negative(rule_->info().name, "lr * lr_scale", rates.lr);
  require_non_negative(rule_->info().name, "weight_decay", rates.weight_decay);
}

void Optimizer::add_group(ParameterGroup group) {
  const auto refuse = [&](const std::string& what) {
    throw OptionError("[" + name() + "] " + what);
  };
  require_whole("add_group()");
  require_rates(group, lr_);
  if (group.parameters.empty()) {
    refuse(groups_.empty() ? kNoParameters : "a parameter group must contain a parameter");
  }
  std::vector<Tensor> all = parameters_;
  for (const Tensor& p : group.parameters) {
    if (!p.is_leaf()) {
      refuse("parameter " + std::to_string(all.size()) + " is the result of an op, not a leaf");
    }
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Tensor& other) { return p.is_same(other); });
    if (same != all.end()) {
      refuse("parameters " + std::to_string(same - all.begin()) + " and " +
             std::to_string(all.size()) + " are the same tensor");
    }
    all.push_back(p);
  }
  std::vector<std::size_t> group_of = group_of_;
  group_of.resize(all.size(), groups_.size());
  std::vector<State> states = states_;
  for (State& state : states) state.resize(all.size());
  State look_ahead = look_ahead_;
  look_ahead.resize(rule_->looks_ahead() ? all.size() : 0);
  groups_.push_back(std::move(group));
  // From here on nothing throws.
  look_ahead_ = std::move(look_ahead);
  parameters_ = std::move(all);
  group_of_ = std::move(group_of);
  states_ = std::move(states);
}

bool Optimizer::is_updated(std::size_t i) const {
  const auto [begin, end] = part_of(i);
  return begin < end && parameters_[i].requires_grad() && parameters_[i].has_grad();
}

std::pair<std::size_t, std::size_t> Optimizer::part_of(std::size_t parameter) const {
  return parts_.empty() ? std::pair(std::size_t{0}, parameters_[parameter].size())
                        : parts_[parameter];
}

void Optimizer::set_part(std::size_t begin, std::size_t end, std::function<void()> complete) {
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  std::size_t offset = 0;
  for (const Tensor& p : parameters_) {
    const std::size_t next = offset + p.size();
    parts.emplace_back(std::clamp(begin, offset, next) - offset,
                       std::clamp(end, offset, next) - offset);
    offset = next;
  }
  parts_ = std::move(parts);
  complete_ = std::move(complete);
}

void Optimizer::clear_part() {
  parts_.clear();
  complete_ = {};
}

void Optimizer::require_whole(const char* function) const {
  if (parts_.empty()) return;
  throw Error(
      "[" + name() + "] " + function +
      " needs the whole state, but the optimizer is restricted to a part of it, as in a run "
      "on several processes");
}

void Optimizer::require_training(const char* function) const {
  if (!evaluating_) return;
  throw Error("[" + name() + "] " + function +
              " needs training mode: in evaluation mode the parameters contain theta, not the "
              "look-ahead point; call train() first");
}

void Optimizer::prepare_step() {
  require_training("step()");
  rates_.clear();
  for (const ParameterGroup& group : groups_) rates_.push_back(rates_of(group, lr_));
  rule_->begin_step(steps_ + 1, rates_);
  for (State& state : states_) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (!is_updated(i) || state[i]) continue;
      const auto [begin, end] = part_of(i);
      state[i] = zeros(parts_.empty() ? parameters_[i].shape() : Shape{end - begin});
    }
  }
}

void Optimizer::step() {
  prepare_step();
  // From here on nothing throws.
  ++steps_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (is_updated(i)) update(i);
  }
}

/// Returns the first element of each state of parameter i. All of them must exist.
std::array<Scalar*, AnyRule::kMostStates> Optimizer::states_of(std::size_t i) {
  std::array<Scalar*, AnyRule::kMostStates> states{};
  for (std::size_t k = 0; k < states_.size(); ++k) states[k] = states_[k][i]->data();
  return states;
}

void Optimizer::update(std::size_t i) {
  const auto [first, last] = part_of(i);
  Scalar* const theta = mutable_value(parameters_[i]).data() + first;
  const Gradient& gradient = raw_grad(parameters_[i]);
  const std::size_t grain =
      gradient.is_outer_product() ? tuning::kOuterUpdateGrain : tuning::kElementGrain;
  const auto states = states_of(i);
  const auto update_elements = [&, start = first](std::size_t begin, std::size_t end) {
    gradient.for_each_span(
        start + begin, start + end, [&](ScaledSpan g, std::size_t from, std::size_t n) {
          rule_->update(group_of_[i], {theta, states.data(), g, from - start, n});
        });
  };
  parallel_for(last - first, grain, update_elements);
}

void Optimizer::eval() {
  if (evaluating_ || !rule_->looks_ahead()) return;
  State kept(parameters_.size()), theta(parameters_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!states_[0][i] && parts_.empty()) continue;
    kept[i] = parameters_[i].value();
    if (!states_[0][i]) continue;  // another process may update it
    theta[i] = parameters_[i].value();
    const auto [begin, end] = part_of(i);
    rule_->leave_look_ahead(theta[i]->data() + begin, states_of(i).data(), end - begin);
  }
  // From here on nothing throws.
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (theta[i])
      std::copy(theta[i]->begin(), theta[i]->end(), mutable_value(parameters_[i]).begin());
  }
  look_ahead_ = std::move(kept);
  evaluating_ = true;
  if (!complete_) return;
  try {
    complete_();
  } catch (...) {  // another process has failed
    train();
    throw;
  }
}

void Optimizer::train() {
  if (!evaluating_) return;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!look_ahead_[i]) continue;
    std::copy_n(look_ahead_[i]->data(), look_ahead_[i]->size(),
                mutable_value(parameters_[i]).data());
    look_ahead_[i].reset();
  }
  evaluating_ = false;
}

std::string Optimizer::formula(Notation notation) const {
  return to_formula(rule_->formula(), notation);
}

std::string Optimizer::description() const {
  std::string text = name();
  for (const OptionInfo& option : rule_->options()) {
    if (option.name == std::string("lr")) continue;
    text += ", " + std::string(option.name) + " " + format_exactly(option.value);
  }
  const bool is_plain =
      groups_.size() == 1 && groups_[0].lr_scale == 1 && !groups_[0].weight_decay.has_value();
  if (is_plain) return text;
  for (const ParameterGroup& group : groups_) {
    text += "; group of " + std::to_string(group.parameters.size()) + ", lr_scale " +
            format_exactly(group.lr_scale);
    if (group.weight_decay) text += ", weight_decay " + format_exactly(*group.weight_decay);
  }
  return text;
}

std::vector<std::pair<std::string, Optimizer::State*>> Optimizer::states() {
  std::vector<std::pair<std::string, State*>> result;
  const std::vector<StateInfo> infos = rule_->states();
  for (std::size_t k = 0; k < infos.size(); ++k) result.emplace_back(infos[k].name, &states_[k]);
  if (rule_->looks_ahead()) result.emplace_back("look_ahead", &look_ahead_);
  return result;
}

std::vector<std::pair<std::string, const Optimizer::State*>> Optimizer::states() const {
  std::vector<std::pair<std::string, const State*>> result;
  for (auto& [name, state] : const_cast<Optimizer*>(this)->states()) {
    result.emplace_back(std::move(name), state);
  }
  return result;
}

void Optimizer::resume(std::uint64_t step_count, double lr, bool evaluating) {
  set_learning_rate(lr);
  clear_part();
  steps_ = step_count;
  evaluating_ = evaluating;
}

void Optimizer::zero_grad() {
  for (Tensor& p : parameters_) p.zero_grad();
}

void Optimizer::set_learning_rate(double lr) {
  for (const ParameterGroup& group : groups_) require_rates(group, lr);
  lr_ = lr;
}

}  // namespace xgrad::inline XGRAD_ABI::optim
