// SPDX-License-Identifier: MIT
#include <xgrad/nn/module.hpp>

#include <xgrad/core/error.hpp>

namespace xgrad::inline XGRAD_ABI {

void Parameter::assign(const Array& value) {
  if (is_constant_) {
    throw Error(
        "[Parameter] a constant must not be assigned to, because its module does not train or save "
        "it; make the layer with this parameter, for example with .bias = true");
  }
  tensor_.assign(value);
}

}  // namespace xgrad::inline XGRAD_ABI

namespace xgrad::inline XGRAD_ABI::nn {

std::vector<Tensor> Module::parameters() const {
  std::vector<Tensor> result;
  for (const auto& [name, tensor] : named_parameters()) result.push_back(tensor);
  return result;
}

std::vector<std::pair<std::string, Tensor>> Module::named_parameters() const {
  auto result = parameters_;
  for (const auto& [prefix, module] : modules_) {
    for (auto& [name, tensor] : module->named_parameters()) {
      result.emplace_back(prefix + "." + name, tensor);
    }
  }
  return result;
}

std::vector<std::pair<std::string, Rng*>> Module::named_rngs() const {
  std::vector<std::pair<std::string, Rng*>> result;
  for (const auto& [name, rng] : rngs_) result.emplace_back(name, rng.get());
  for (const auto& [prefix, module] : modules_) {
    for (auto& [name, rng] : module->named_rngs()) result.emplace_back(prefix + "." + name, rng);
  }
  return result;
}

void Module::zero_grad() {
  for (Tensor& p : parameters()) p.zero_grad();
}

Parameter Module::register_parameter(std::string name, Array init) {
  check_name(name);
  parameters_.emplace_back(std::move(name), Tensor(std::move(init), true));
  return {parameters_.back().second, false};
}

Rng& Module::register_rng(std::string name, std::uint64_t seed) {
  check_name(name);
  return *rngs_.emplace_back(std::move(name), std::make_unique<Rng>(seed)).second;
}

void Module::check_name(const std::string& name) const {
  bool taken = false;
  for (const auto& [other, tensor] : parameters_) taken = taken || other == name;
  for (const auto& [other, rng] : rngs_) taken = taken || other == name;
  for (const auto& [other, module] : modules_) taken = taken || other == name;
  if (!taken && !name.empty() && name.find('.') == std::string::npos) return;
  throw OptionError(
      "[Module] a name must not be empty, contain a dot or be registered already, got \"" + name +
      "\"");
}

void Module::set_training(bool training) {
  training_ = training;
  for (const auto& [name, module] : modules_) module->set_training(training);
}

EvalModeGuard::EvalModeGuard(Module& module) {
  collect(module);
  for (Module* const m : were_training_) m->training_ = false;
}

EvalModeGuard::~EvalModeGuard() {
  for (Module* const m : were_training_) m->training_ = true;
}

void EvalModeGuard::collect(Module& module) {
  if (module.training_) were_training_.push_back(&module);
  for (const auto& [name, inside] : module.modules_) collect(*inside);
}

}  // namespace xgrad::inline XGRAD_ABI::nn
