// SPDX-License-Identifier: MIT
#include <xgrad/nn/linear.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/nn/init.hpp>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

Shape weight_shape(std::size_t in, std::size_t out) {
  require_positive("Linear", "in", static_cast<double>(in));
  require_positive("Linear", "out", static_cast<double>(out));
  return {out, in};
}

}  // namespace

Linear::Linear(std::size_t in, std::size_t out, Rng& rng, LinearOptions options)
    : weight(register_parameter("weight", detail::layer_uniform(weight_shape(in, out), in, rng))),
      bias(options.bias ? register_parameter("bias", detail::layer_uniform({out}, in, rng))
                        : Parameter::constant(zeros({out}))) {}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

std::string Linear::description() const {
  const bool has_bias = parameters().size() > 1;
  return "Linear(" + std::to_string(weight.shape()[1]) + ", " + std::to_string(weight.shape()[0]) +
         (has_bias ? ")" : ", bias = false)");
}

std::size_t Linear::multiply_adds(const Shape&, const Shape& y) const {
  return element_count(y) * weight.shape()[1];
}

}  // namespace xgrad::inline XGRAD_ABI::nn
