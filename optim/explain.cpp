// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

/// Returns the index in row-major order. Throws OptionError if `element` is not an index.
std::size_t flat_index(const Shape& shape, const std::vector<std::size_t>& element) {
  const Shape index(element.begin(), element.end());
  bool is_inside = index.size() == shape.size();
  std::size_t flat = 0;
  for (std::size_t axis = 0; is_inside && axis < shape.size(); ++axis) {
    is_inside = index[axis] < shape[axis];
    flat = flat * shape[axis] + index[axis];
  }
  if (is_inside) return flat;
  throw OptionError("[explain] element " + to_string(index) + " is outside a parameter of shape " +
                    to_string(shape));
}

}  // namespace

std::string Optimizer::explain(const Tensor& parameter,
                               const std::vector<std::size_t>& element) const {
  const auto refuse = [](const std::string& what) { throw OptionError("[explain] " + what); };
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const Tensor& p) { return p.is_same(parameter); });
  if (found == parameters_.end()) refuse("the optimizer does not train this tensor");
  require_training("explain()");
  require_whole("explain()");
  const auto i = static_cast<std::size_t>(found - parameters_.begin());
  if (!parameter.requires_grad()) {
    refuse("the parameter is frozen, so step() will not change it; call set_requires_grad(true)");
  }
  if (!parameter.has_grad()) {
    refuse("the parameter has no gradient, so step() will not change it; call backward() first");
  }
  const std::size_t at = flat_index(parameter.shape(), element);
  const auto number = [at](const Array& x) { return static_cast<double>(x.data()[at]); };
  std::vector<double> states;
  for (const State& state : states_) states.push_back(state[i] ? number(*state[i]) : 0);
  return to_numbers(rule_->derive(steps_ + 1, rates_of(groups_[group_of_[i]], lr_),
                                  number(parameter.value()), number(parameter.grad()), states));
}

}  // namespace xgrad::inline XGRAD_ABI::optim
