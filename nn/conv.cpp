// SPDX-License-Identifier: MIT
#include <xgrad/nn/conv.hpp>

#include <xgrad/autograd/internal/windows.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/nn/init.hpp>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

// Returns the shape of the weight, after a check of all arguments.
Shape weight_shape(std::size_t in, std::size_t out, const Size2d& kernel,
                   const Conv2dOptions& options) {
  require_positive("Conv2d", "in", static_cast<double>(in));
  require_positive("Conv2d", "out", static_cast<double>(out));
  detail::require_size("Conv2d", "kernel", kernel, 1);
  detail::require_size("Conv2d", "stride", options.stride, 1);
  detail::require_size("Conv2d", "padding", options.padding, 0);
  return {out, in, static_cast<std::size_t>(kernel.h), static_cast<std::size_t>(kernel.w)};
}

std::size_t fan_in(std::size_t in, const Size2d& kernel) {
  return in * static_cast<std::size_t>(kernel.h) * static_cast<std::size_t>(kernel.w);
}

// Returns the arguments of a pooling layer: "(kernel (2, 2))".
std::string describe(const Size2d& kernel, const PoolingOptions& options) {
  std::string text = "(kernel " + kernel.text();
  if (options.stride != kKernelStride) text += ", stride " + options.stride.text();
  if (options.padding != Size2d(0)) text += ", padding " + options.padding.text();
  return text + ")";
}

}  // namespace

Conv2d::Conv2d(std::size_t in, std::size_t out, Size2d kernel, Rng& rng,
               const Conv2dOptions& options)
    : weight(register_parameter(
          "weight",
          detail::layer_uniform(weight_shape(in, out, kernel, options), fan_in(in, kernel), rng))),
      bias(options.bias
               ? register_parameter("bias", detail::layer_uniform({out}, fan_in(in, kernel), rng))
               : Parameter::constant(zeros({out}))),
      options_{.stride = options.stride, .padding = options.padding} {}

Tensor Conv2d::forward(const Tensor& x) { return conv2d(x, weight, bias, options_); }

std::string Conv2d::description() const {
  const Shape& shape = weight.shape();
  std::string text = "Conv2d(" + std::to_string(shape[1]) + ", " + std::to_string(shape[0]) +
                     ", kernel " + Size2d(shape[2], shape[3]).text();
  if (options_.stride != Size2d(1)) text += ", stride " + options_.stride.text();
  if (options_.padding != Size2d(0)) text += ", padding " + options_.padding.text();
  return text + (parameters().size() > 1 ? ")" : ", bias = false)");
}

std::size_t Conv2d::multiply_adds(const Shape&, const Shape& y) const {
  return element_count(y) * weight.size() / weight.shape()[0];
}

MaxPool2d::MaxPool2d(Size2d kernel, PoolingOptions options) : kernel_(kernel), options_(options) {
  detail::require_pooling("MaxPool2d", kernel, options);
}

Tensor MaxPool2d::forward(const Tensor& x) { return max_pool2d(x, kernel_, options_); }

std::string MaxPool2d::description() const { return "MaxPool2d" + describe(kernel_, options_); }

AvgPool2d::AvgPool2d(Size2d kernel, PoolingOptions options) : kernel_(kernel), options_(options) {
  detail::require_pooling("AvgPool2d", kernel, options);
}

Tensor AvgPool2d::forward(const Tensor& x) { return avg_pool2d(x, kernel_, options_); }

std::string AvgPool2d::description() const { return "AvgPool2d" + describe(kernel_, options_); }

}  // namespace xgrad::inline XGRAD_ABI::nn
