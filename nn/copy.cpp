// SPDX-License-Identifier: MIT
#include <xgrad/nn/copy.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

/// Throws unless both lists have the same names and shapes.
void require_same_names(const std::string& where, const Named<Tensor>& from,
                        const Named<Tensor>& to) {
  for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
    const std::string a = i < from.size() ? "\"" + from[i].first + "\"" : "nothing";
    const std::string b = i < to.size() ? "\"" + to[i].first + "\"" : "nothing";
    if (a != b) {
      throw Error("[" + where + "] the models must have the same names, got " + a + " and " + b +
                  " at position " + std::to_string(i));
    }
    const Shape &source = from[i].second.shape(), &target = to[i].second.shape();
    if (source == target) continue;
    throw ShapeError("[" + where + "] " + a + " must have the same shape in both models, got " +
                     to_string(source) + " and " + to_string(target));
  }
}

void copy(const char* where, const Named<Tensor>& from, Named<Tensor> to) {
  require_same_names(where, from, to);
  for (std::size_t i = 0; i < to.size(); ++i) to[i].second.assign(from[i].second.value());
}

}  // namespace

void Module::load_state(const Module& other) {
  copy("load_state", other.named_state(), named_state());
}

void copy_parameters(const Module& from, Module& to) {
  copy("copy_parameters", from.named_parameters(), to.named_parameters());
}

void average_parameters(const Module& from, Module& to, double tau) {
  if (!(tau >= 0 && tau <= 1)) {
    throw OptionError("[average_parameters] tau must be at least 0 and at most 1, got " +
                      format_number(tau));
  }
  const Named<Tensor> sources = from.named_parameters(), targets = to.named_parameters();
  require_same_names("average_parameters", sources, targets);
  const auto t = static_cast<Scalar>(tau), rest = static_cast<Scalar>(1 - tau);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Scalar* const source = sources[i].second.value().data();
    Array& target = mutable_value(targets[i].second);
    Scalar* const values = target.data();
    for (std::size_t k = 0; k < target.size(); ++k) values[k] = rest * values[k] + t * source[k];
  }
}

}  // namespace xgrad::inline XGRAD_ABI::nn
