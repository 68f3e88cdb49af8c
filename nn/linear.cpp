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
    : weight(register_parameter("weight", init::kaiming_uniform(weight_shape(in, out), in, rng))),
      bias(options.bias ? register_parameter("bias", init::kaiming_uniform({out}, in, rng))
                        : Parameter(Tensor(zeros({out})))) {}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

}  // namespace xgrad::inline XGRAD_ABI::nn
