// SPDX-License-Identifier: MIT
#include <xgrad/nn/module.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/nn/eval_mode.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <typeinfo>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

/// An error of type E that names the layer.
template <class E>
struct InLayer final : E {
  using E::E;
};

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

}  // namespace

// ---- Calls

/// A call of a module that runs on this thread.
class Module::Call {
 public:
  explicit Call(const Module& module) : module_(module), caller_(current) {
    require_registered();
    current = this;
  }
  ~Call() { current = caller_; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Returns ` (in layer "hidden.0": Linear(4, 16))`.
  std::string place() const {
    const std::string name = path();
    return " (in " + (name.empty() ? "" : "layer \"" + name + "\": ") + module_.description() + ")";
  }

 private:
  /// Returns the name of the module in the module that was called first.
  std::string path() const {
    if (caller_ == nullptr) return "";
    for (const auto& [name, module] : caller_->module_.modules_) {
      if (module.get() == &module_) return joined(caller_->path(), name);
    }
    return caller_->path();
  }

  void require_registered() const {
    if (caller_ == nullptr || module_.is_registered_) return;
    const bool must_be_listed =
        caller_->module_.training_ && grad_enabled() && module_.has_trained_parameters();
    const bool is_out_of_reach = module_.must_be_switched();
    if (!must_be_listed && !is_out_of_reach) return;
    for (const Call* call = caller_; call != nullptr; call = call->caller_) {
      if (&call->module_ == &module_) return;  // the module calls itself
    }
    throw Error(
        "[Module] the layers of " + caller_->module_.description() + " must be registered, but " +
        module_.description() + " is not, so that " +
        (must_be_listed ? "it would not be trained or saved" : "eval() would not reach it") +
        "; store it with register_module(), or call forward() of a module that belongs to "
        "another model");
  }

  static thread_local constinit const Call* current;
  const Module& module_;
  const Call* caller_;
};

thread_local constinit const Module::Call* Module::Call::current = nullptr;

Tensor Module::operator()(const Tensor& x) {
  const Call call(*this);
  try {
    Tensor y = forward(x);
    if (!hooks_.empty()) {
      const auto hooks = hooks_;  // a hook may remove itself
      for (const auto& [number, hook] : hooks) hook(*this, x, y);
    }
    return y;
  } catch (const Error& error) {
    if (typeid(error) == typeid(ShapeError)) throw InLayer<ShapeError>(error.what() + call.place());
    if (typeid(error) == typeid(DataError)) throw InLayer<DataError>(error.what() + call.place());
    throw;
  }
}

Tensor Module::operator()(const Tensor& x) const {
  if (any_in_training()) {
    throw Error("[Module] a const " + description() +
                " must be in evaluation mode, but it is in training mode, in which a call may "
                "change it; call eval() first");
  }
  return const_cast<Module&>(*this)(x);  // forward() changes nothing in evaluation mode
}

std::size_t Module::register_forward_hook(ForwardHook hook) {
  hooks_.emplace_back(hooks_made_, std::move(hook));
  return hooks_made_++;
}

void Module::remove_forward_hook(std::size_t number) {
  if (std::erase_if(hooks_, [&](const auto& hook) { return hook.first == number; }) > 0) return;
  throw OptionError("[Module] " + description() + " has no forward hook " + std::to_string(number));
}

// ---- Lists

Named<Module*> Module::named_modules() {
  Named<Module*> result;
  for (const auto& [name, module] : std::as_const(*this).named_modules()) {
    result.emplace_back(name, const_cast<Module*>(module));
  }
  return result;
}

Named<const Module*> Module::named_modules() const {
  Named<const Module*> result{{"", this}};
  for (const auto& [prefix, inner] : modules_) {
    for (const auto& [name, module] : std::as_const(*inner).named_modules()) {
      result.emplace_back(name.empty() ? prefix : joined(prefix, name), module);
    }
  }
  return result;
}

Named<Tensor> Module::listed(Named<Parameter> Module::*list) const {
  Named<Tensor> result;
  for (const auto& [path, module] : named_modules()) {
    for (const auto& [name, p] : module->*list) {
      const auto is_p = [&p = p](const auto& entry) { return p.is_same(entry.second); };
      if (std::any_of(result.begin(), result.end(), is_p)) continue;  // see tie()
      result.emplace_back(joined(path, name), p);
    }
  }
  return result;
}

namespace {

std::vector<Tensor> without_names(const Named<Tensor>& named) {
  std::vector<Tensor> result;
  for (const auto& [name, tensor] : named) result.push_back(tensor);
  return result;
}

}  // namespace

std::vector<Tensor> Module::parameters() const { return without_names(named_parameters()); }
Named<Tensor> Module::named_parameters() const { return listed(&Module::parameters_); }
std::vector<Tensor> Module::buffers() const { return without_names(named_buffers()); }
Named<Tensor> Module::named_buffers() const { return listed(&Module::buffers_); }

Named<Tensor> Module::named_state() const {
  Named<Tensor> result = named_parameters();
  for (auto& buffer : named_buffers()) result.push_back(std::move(buffer));
  return result;
}

Named<Rng*> Module::named_rngs() const {
  Named<Rng*> result;
  for (const auto& [path, module] : named_modules()) {
    for (const auto& [name, rng] : module->rngs_) {
      result.emplace_back(joined(path, name), rng.get());
    }
  }
  return result;
}

void Module::zero_grad() {
  for (Tensor& p : parameters()) p.zero_grad();
}

void Module::set_requires_grad(bool requires_grad) {
  for (Tensor& p : parameters()) p.set_requires_grad(requires_grad);
}

// ---- Registration

Parameter Module::register_parameter(std::string name, Array init) {
  check_name(name);
  const Parameter parameter(Tensor(std::move(init), true), false);
  return parameters_.emplace_back(std::move(name), parameter).second;
}

Parameter Module::register_buffer(std::string name, Array init) {
  check_name(name);
  const Parameter buffer(Tensor(std::move(init)), false);
  return buffers_.emplace_back(std::move(name), buffer).second;
}

Rng& Module::register_rng(std::string name, std::uint64_t seed) {
  check_name(name);
  return *rngs_.emplace_back(std::move(name), std::make_unique<Rng>(seed)).second;
}

void Module::add_module(std::string name, std::unique_ptr<Module> module) {
  check_name(name);
  module->is_registered_ = true;
  modules_.emplace_back(std::move(name), std::move(module));
}

void Module::check_name(const std::string& name) const {
  const auto is_in = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& e) { return e.first == name; });
  };
  const bool taken = is_in(parameters_) || is_in(buffers_) || is_in(rngs_) || is_in(modules_);
  if (!taken && !name.empty() && name.find('.') == std::string::npos) return;
  throw OptionError(
      "[Module] a name must not be empty, contain a dot or be registered already, got \"" + name +
      "\"");
}

// ---- Modes

void Module::set_training(bool training) {
  training_ = training;
  for (const auto& [name, module] : modules_) module->set_training(training);
}

bool Module::any_in_training() const {
  const auto inside = [](const auto& entry) { return entry.second->any_in_training(); };
  return training_ || std::any_of(modules_.begin(), modules_.end(), inside);
}

bool Module::has_trained_parameters() const {
  const auto trained = [](const auto& entry) { return entry.second.requires_grad(); };
  const auto inside = [](const auto& entry) { return entry.second->has_trained_parameters(); };
  return std::any_of(parameters_.begin(), parameters_.end(), trained) ||
         std::any_of(modules_.begin(), modules_.end(), inside);
}

bool Module::must_be_switched() const {
  const auto inside = [](const auto& entry) { return entry.second->must_be_switched(); };
  return (training_ && !(buffers_.empty() && rngs_.empty())) ||
         std::any_of(modules_.begin(), modules_.end(), inside);
}

EvalModeGuard::EvalModeGuard(Module& module) {
  for (const auto& [name, m] : module.named_modules()) {
    if (m->training_) were_training_.push_back(m);
  }
  for (Module* const m : were_training_) m->training_ = false;
}

EvalModeGuard::~EvalModeGuard() {
  for (Module* const m : were_training_) m->training_ = true;
}

// ---- Description

std::string Module::description() const {
  const char* const mangled = typeid(*this).name();
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr), &std::free);
  const std::string name = text ? text.get() : mangled;
  const std::size_t scope = name.substr(0, name.find('<')).rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

std::size_t Module::multiply_adds(const Shape&, const Shape&) const { return 0; }

}  // namespace xgrad::inline XGRAD_ABI::nn
