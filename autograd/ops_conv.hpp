// SPDX-License-Identifier: MIT
#pragma once

// Ops on images and on channels: convolution, pooling, normalization and embedding. Images have the
// shape (n, channels, height, width). Options and results have PyTorch's meaning.

#include <xgrad/autograd/tensor.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// A number for the height and a number for the width. Converts from one integer, which is then
/// used for both: `.stride = 2` and `.stride = {2, 2}` are equivalent.
struct Size2d {
  /// Uses one number for the height and the width.
  template <std::integral I>
  constexpr Size2d(I both) : Size2d(both, both) {}
  /// Sets the two numbers.
  template <std::integral H, std::integral W>
  constexpr Size2d(H height, W width)
      : h(static_cast<std::ptrdiff_t>(height)), w(static_cast<std::ptrdiff_t>(width)) {}

  std::ptrdiff_t h;  ///< number for the height
  std::ptrdiff_t w;  ///< number for the width

  /// Returns whether both numbers are equal.
  constexpr bool operator==(const Size2d&) const = default;
  /// Returns the two numbers as "(2, 3)".
  std::string text() const;
};

/// Options of conv2d().
struct ConvolutionOptions {
  Size2d stride = 1;   ///< distance between neighbouring windows
  Size2d padding = 0;  ///< rows and columns of zeros that are added at each side of the image
};

/// Returns the convolution of x (n, in, h, w) with `weight` (out, in, kh, kw), plus `bias` (out).
/// The result has the shape (n, out, oh, ow) with oh = floor((h + 2 padding - kh) / stride) + 1:
///
///     y[i, o, r, c] = bias[o] + sum over k, a, b of
///                     weight[o, k, a, b] x[i, k, r stride + a - padding, c stride + b - padding]
///
/// where x is 0 outside of the image. The kernel is not flipped. The result and the gradients have
/// the same bits for every number of threads. Throws ShapeError if the shapes do not fit or the
/// kernel is larger than the padded image, and OptionError if an option is out of range.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const ConvolutionOptions& options = {});

/// A value of PoolingOptions::stride: the stride is equal to the kernel.
inline constexpr Size2d kKernelStride{std::numeric_limits<std::ptrdiff_t>::min()};

/// Options of max_pool2d() and avg_pool2d().
struct PoolingOptions {
  Size2d stride = kKernelStride;  ///< distance between neighbouring windows
  Size2d padding = 0;             ///< rows and columns added at each side; at most half the kernel
};

/// Returns the largest element of each window of each channel; NaN if the window contains NaN.
/// Padding is never the largest. The gradient of a window goes to its first largest element. Throws
/// ShapeError if the kernel is larger than the padded image, and OptionError if the kernel or an
/// option is out of range.
Tensor max_pool2d(const Tensor& x, Size2d kernel, const PoolingOptions& options = {});

/// Returns the sum of each window of each channel, divided by the number of elements of the kernel.
/// Padding counts as zeros, as in PyTorch's default. Throws like max_pool2d().
Tensor avg_pool2d(const Tensor& x, Size2d kernel, const PoolingOptions& options = {});

/// The mean and the variance of each channel, which batch_norm() computed from a batch.
struct BatchStatistics {
  Array mean;             ///< shape (channels)
  Array variance;         ///< shape (channels); the mean of (x - mean)^2, without correction
  std::size_t count = 0;  ///< number of elements in each channel
};

/// Normalizes each channel of x with the mean and the variance of the batch. x has the shape
/// (n, channels, ...). `weight` and `bias` have the shape (channels):
///
///     y = weight (x - mean) / sqrt(variance + eps) + bias
///
/// Stores the mean and the variance in `*statistics` unless it is nullptr. Throws ShapeError if the
/// shapes do not fit or a channel has fewer than two elements, and OptionError if eps is negative.
/// (Ioffe and Szegedy 2015)
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5,
                  BatchStatistics* statistics = nullptr);

/// Normalizes each channel of x with a given mean and variance of shape (channels), as a trained
/// model does. `mean` and `variance` are constants: they receive no gradient. Throws ShapeError if
/// the shapes do not fit, and OptionError if eps is negative.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean,
                  const Tensor& variance, double eps = 1e-5);

/// Normalizes each part of x over the last axes, which must have the shape of `weight` and `bias`:
/// y = weight (x - mean) / sqrt(variance + eps) + bias, with the mean and the variance of the part.
/// Throws ShapeError if the shapes do not fit or the parts have no elements, and OptionError if eps
/// is negative. (Ba et al. 2016)
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);

/// Returns row indices[i, j, ...] of `weight` (count, dim) for each index. The result has the shape
/// of the indices with `dim` appended. Throws ShapeError if `weight` is not a matrix, and DataError
/// if an index is outside [0, count).
Tensor embedding(const Indices& indices, const Tensor& weight);

}  // namespace xgrad::inline XGRAD_ABI
