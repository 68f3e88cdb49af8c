// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Options of Conv2d.
struct Conv2dOptions {
  Size2d stride = 1;   ///< distance between neighbouring windows
  Size2d padding = 0;  ///< rows and columns of zeros that are added at each side of the image
  bool bias = true;    ///< whether the bias is added
};

/// Computes conv2d(x, weight, bias) for x of shape (n, in, h, w) and a result of shape
/// (n, out, oh, ow).
class Conv2d : public Module {
 public:
  /// Draws the initial weight, then the bias, from U(-a, a) with a = 1 / sqrt(in * kh * kw), as
  /// PyTorch does. Throws OptionError if a number or an option is out of range.
  Conv2d(std::size_t in, std::size_t out, Size2d kernel, Rng& rng,
         const Conv2dOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string description() const override;
  std::size_t multiply_adds(const Shape& x, const Shape& y) const override;

  Parameter weight;  ///< shape (out, in, kh, kw)
  Parameter bias;    ///< shape (out); without bias, constant zeros that cannot be assigned to

 private:
  ConvolutionOptions options_;
};

/// Computes max_pool2d(x, kernel, options).
class MaxPool2d : public Module {
 public:
  /// Throws OptionError if the kernel or an option is out of range.
  explicit MaxPool2d(Size2d kernel, PoolingOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  Size2d kernel_;
  PoolingOptions options_;
};

/// Computes avg_pool2d(x, kernel, options).
class AvgPool2d : public Module {
 public:
  /// Throws OptionError if the kernel or an option is out of range.
  explicit AvgPool2d(Size2d kernel, PoolingOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

 private:
  Size2d kernel_;
  PoolingOptions options_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
