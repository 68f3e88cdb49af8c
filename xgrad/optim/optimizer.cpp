// SPDX-License-Identifier: MIT
#include <xgrad/optim/optimizer.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/threads.hpp>
#include <xgrad/optim/rules.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace xgrad::inline XGRAD_ABI::optim {

Optimizer::Optimizer(std::string name, std::vector<Tensor> parameters, double lr,
                     double weight_decay)
    : name_(std::move(name)),
      parameters_(std::move(parameters)),
      lr_(lr),
      weight_decay_(weight_decay) {
  require_positive(name_.c_str(), "lr", lr);
  add_option(require_non_negative, "weight_decay", weight_decay);
  if (parameters_.empty()) throw OptionError("[" + name_ + "] there are no parameters to optimize");
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& p = parameters_[i];
    if (!p.is_leaf() || !p.requires_grad()) {
      throw OptionError("[" + name_ + "] parameter " + std::to_string(i) +
                        " is not a leaf that requires a gradient");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (p.is_same(parameters_[j])) {
        throw OptionError("[" + name_ + "] parameters " + std::to_string(j) + " and " +
                          std::to_string(i) + " are the same tensor");
      }
    }
  }
}

void Optimizer::step() {
  static_cast<void>(kernels());  // chosen by now: a wrong XGRAD_SIMD throws
  prepare_step(steps_ + 1);
  for (const auto& [name, state] : states_) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].has_grad() && !(*state)[i])
        (*state)[i] = filled(parameters_[i].shape(), 0);
    }
  }
  // From here on nothing throws.
  ++steps_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].has_grad()) continue;
    Scalar* const theta = overwrite(parameters_[i]).data();
    const Gradient& gradient = gradient_of(parameters_[i]);
    // The parameters of a step on one sample lie in this core's cache, those of a batch in every
    // one.
    const std::size_t grain = gradient.is_outer_product() ? 1 << 20 : 1 << 15;
    parallel_for(parameters_[i].size(), grain, [&](std::size_t begin, std::size_t end) {
      gradient.for_each_run(begin, end, [&](Kernels::Scaled g, std::size_t from, std::size_t n) {
        update(i, from, n, theta + from, g);
      });
    });
  }
}

void Optimizer::add_option(void (*check)(const char*, const char*, double), const char* name,
                           double value) {
  check(name_.c_str(), name, value);
  description_ += ", " + std::string(name) + " " + format_exactly(value);
}

Optimizer::State& Optimizer::add(States& states, std::string name) {
  auto state = std::make_unique<State>(parameters_.size());
  return *states.emplace_back(std::move(name), std::move(state)).second;
}

std::vector<std::pair<std::string, Optimizer::State*>> Optimizer::states() const {
  std::vector<std::pair<std::string, State*>> result;
  for (const auto& [name, state] : states_) result.emplace_back(name, state.get());
  for (const auto& [name, state] : kept_) result.emplace_back(name, state.get());
  return result;
}

void Optimizer::resume(std::uint64_t step_count, double lr, bool evaluating) {
  set_learning_rate(lr);
  steps_ = step_count;
  evaluating_ = evaluating;
}

void Optimizer::zero_grad() {
  for (Tensor& p : parameters_) p.zero_grad();
}

void Optimizer::set_learning_rate(double lr) {
  require_positive(name_.c_str(), "lr", lr);
  lr_ = lr;
}

double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm) {
  require_positive("clip_grad_norm", "max_norm", max_norm);
  double squares = 0;
  std::vector<Tensor> with_grad;  // each once, however often it is listed
  for (const Tensor& p : parameters) {
    const auto same = [&](const Tensor& other) { return p.is_same(other); };
    if (!p.has_grad() || std::any_of(with_grad.begin(), with_grad.end(), same)) continue;
    with_grad.push_back(p);
    squares += kernels().dot(p.grad().data(), p.grad().data(), p.size());
  }
  const double norm = std::sqrt(squares);
  if (!(norm > max_norm) || !std::isfinite(norm)) return norm;
  const auto scale = static_cast<Scalar>(max_norm / norm);
  for (const Tensor& p : with_grad) {
    Scalar* const g = overwrite_grad(p).data();
    kernels().mul(g, 1, &scale, 0, g, p.size());
  }
  return norm;
}

namespace {

using Fields = std::vector<std::pair<const char*, double*>>;

Fields fields(SGDOptions& o) { return {{"lr", &o.lr}, {"weight_decay", &o.weight_decay}}; }
Fields fields(MomentumOptions& o) {
  return {{"lr", &o.lr}, {"momentum", &o.momentum}, {"weight_decay", &o.weight_decay}};
}
Fields fields(NAGOptions& o) {
  return {{"lr", &o.lr}, {"momentum", &o.momentum}, {"weight_decay", &o.weight_decay}};
}
Fields fields(AdaGradOptions& o) {
  return {{"lr", &o.lr}, {"eps", &o.eps}, {"weight_decay", &o.weight_decay}};
}
Fields fields(RMSPropOptions& o) {
  return {{"lr", &o.lr}, {"rho", &o.rho}, {"eps", &o.eps}, {"weight_decay", &o.weight_decay}};
}
Fields fields(AdamOptions& o) {
  return {{"lr", &o.lr},
          {"beta1", &o.beta1},
          {"beta2", &o.beta2},
          {"eps", &o.eps},
          {"weight_decay", &o.weight_decay}};
}

template <class Options>
OptionMap defaults_of() {
  Options options;
  OptionMap result;
  for (const auto& [name, value] : fields(options)) result[name] = *value;
  return result;
}

/// Makes one rule; `values` holds names of its options alone.
template <class Rule, class Options>
std::unique_ptr<Optimizer> make_rule(std::vector<Tensor> parameters, const OptionMap& values) {
  Options options;
  for (const auto& [name, value] : fields(options)) {
    if (const auto given = values.find(name); given != values.end()) *value = given->second;
  }
  return std::make_unique<Rule>(std::move(parameters), options);
}

struct Maker {
  const char* name;
  std::unique_ptr<Optimizer> (*make)(std::vector<Tensor>, const OptionMap&);
  OptionMap (*defaults)();
};

constexpr std::array kMakers{
    Maker{"sgd", make_rule<SGD, SGDOptions>, defaults_of<SGDOptions>},
    Maker{"momentum", make_rule<Momentum, MomentumOptions>, defaults_of<MomentumOptions>},
    Maker{"nag", make_rule<NAG, NAGOptions>, defaults_of<NAGOptions>},
    Maker{"adagrad", make_rule<AdaGrad, AdaGradOptions>, defaults_of<AdaGradOptions>},
    Maker{"rmsprop", make_rule<RMSProp, RMSPropOptions>, defaults_of<RMSPropOptions>},
    Maker{"adam", make_rule<Adam, AdamOptions>, defaults_of<AdamOptions>}};

const Maker& find_maker(const std::string& name) {
  for (const Maker& maker : kMakers) {
    if (name == maker.name) return maker;
  }
  std::string known;
  for (const std::string& each : names()) known += (known.empty() ? "" : ", ") + each;
  throw OptionError("[optimizer] unknown optimizer \"" + name + "\"; one of " + known);
}

}  // namespace

std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                std::optional<double> lr) {
  return make(name, std::move(parameters), lr ? OptionMap{{"lr", *lr}} : OptionMap{});
}

std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                const OptionMap& options) {
  const Maker& maker = find_maker(name);
  const OptionMap known = maker.defaults();
  for (const auto& [option, value] : options) {
    if (known.contains(option)) continue;
    std::string names;
    for (const auto& [each, ignored] : known) names += (names.empty() ? "" : ", ") + each;
    throw OptionError("[" + name + "] unknown option \"" + option + "\"; one of " + names);
  }
  return maker.make(std::move(parameters), options);
}

OptionMap default_options(const std::string& name) { return find_maker(name).defaults(); }

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Maker& maker : kMakers) result.emplace_back(maker.name);
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI::optim
