// SPDX-License-Identifier: MIT
#include <xgrad/optim/optimizer.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/optim/rules.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::optim {

Optimizer::Optimizer(std::string name, std::vector<Tensor> parameters, double lr,
                     double weight_decay)
    : name_(std::move(name)),
      parameters_(std::move(parameters)),
      lr_(lr),
      weight_decay_(weight_decay) {
  require_non_negative(name_.c_str(), "lr", lr);
  add_option("weight_decay", weight_decay, Range::non_negative);
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
  prepare_step(steps_ + 1);
  for (const auto& [name, state] : states_) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].has_grad() && !(*state)[i]) (*state)[i] = zeros(parameters_[i].shape());
    }
  }
  // From here on nothing throws.
  ++steps_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].has_grad()) continue;
    Scalar* const theta = mutable_value(parameters_[i]).data();
    const Gradient& gradient = raw_grad(parameters_[i]);
    const std::size_t grain =
        gradient.is_outer_product() ? tuning::kOuterUpdateGrain : tuning::kElementGrain;
    parallel_for(parameters_[i].size(), grain, [&](std::size_t begin, std::size_t end) {
      gradient.for_each_span(begin, end, [&](ScaledSpan g, std::size_t from, std::size_t n) {
        update(i, from, n, theta + from, g);
      });
    });
  }
}

void Optimizer::add_option(const char* name, double value, Range range) {
  const auto require = range == Range::positive   ? require_positive
                       : range == Range::fraction ? require_fraction
                                                  : require_non_negative;
  require(name_.c_str(), name, value);
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
  require_non_negative(name_.c_str(), "lr", lr);
  lr_ = lr;
}

namespace {

/// Returns the tensors that have a gradient, without duplicates.
std::vector<Tensor> with_gradient(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> result;
  for (const Tensor& p : parameters) {
    const auto same = [&](const Tensor& other) { return p.is_same(other); };
    if (p.has_grad() && std::none_of(result.begin(), result.end(), same)) result.push_back(p);
  }
  return result;
}

/// A number that may be outside the range of double: mantissa * 2^exponent.
struct Norm {
  double mantissa;
  int exponent = 0;
  double value() const { return std::scalbn(mantissa, exponent); }
};

/// Computes the norm of gradients whose squares are outside the range of double. Divides them by a
/// power of two such that the largest absolute value is in [1, 2).
Norm scaled_norm(const std::vector<Tensor>& tensors) {
  double largest = 0;
  for (const Tensor& t : tensors) {
    for (const Scalar g : t.grad()) {
      const double magnitude = std::abs(static_cast<double>(g));
      if (!std::isfinite(magnitude)) return {magnitude};
      largest = std::max(largest, magnitude);
    }
  }
  if (largest == 0) return {0};
  const int exponent = std::ilogb(largest);
  double squares = 0;
  for (const Tensor& t : tensors) {
    for (const Scalar g : t.grad()) {
      const double x = std::scalbn(static_cast<double>(g), -exponent);
      squares += x * x;
    }
  }
  return {std::sqrt(squares), exponent};
}

/// Computes the joint Euclidean norm of the gradients.
Norm norm_of(const std::vector<Tensor>& tensors) {
  double squares = 0;
  for (const Tensor& t : tensors) {
    squares += kernels().dot(t.grad().data(), t.grad().data(), t.size());
  }
  // Below this limit, squares may have lost digits by underflow or have become 0.
  constexpr double least = 0x1p-900;
  if (std::isnan(squares) || (squares >= least && std::isfinite(squares))) {
    return {std::sqrt(squares)};
  }
  return scaled_norm(tensors);
}

/// Scales gradients of norm `from` to norm `to`.
void scale_gradients(const std::vector<Tensor>& tensors, Norm from, double to) {
  const auto factor = static_cast<Scalar>(to / from.value());
  const bool is_exact = from.exponent == 0 && factor >= std::numeric_limits<Scalar>::min();
  for (const Tensor& t : tensors) {
    Scalar* const g = mutable_grad(t).data();
    if (is_exact) {
      kernels().mul(g, 1, &factor, 0, g, t.size());
      continue;
    }
    std::transform(g, g + t.size(), g, [&](Scalar x) {
      const double share = std::scalbn(static_cast<double>(x), -from.exponent) / from.mantissa;
      return static_cast<Scalar>(share * to);
    });
  }
}

}  // namespace

double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm) {
  require_positive("clip_grad_norm", "max_norm", max_norm);
  const std::vector<Tensor> tensors = with_gradient(parameters);
  const Norm norm = norm_of(tensors);
  if (!std::isfinite(norm.mantissa) || !(norm.value() > max_norm)) return norm.value();
  scale_gradients(tensors, norm, max_norm);
  return norm.value();
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

/// Creates an optimizer. Every name in `values` must be one of its options.
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
