// SPDX-License-Identifier: MIT
#pragma once

#include "image.hpp"

#include <xgrad/xgrad.hpp>

/// Draws how a convolutional network sees an image: the kernels of its first layer, below each of
/// them the feature map that it makes of the image, after ReLU, and at the left the image itself.
/// Draws at most eight kernels, of their first input channel. In a kernel, 0 is grey, and the
/// largest weight is white or its opposite black. In a map, 0 is black, and the largest value of
/// all maps is white. `image` has the shape (1, channels, height, width). Throws OptionError unless
/// the model begins with a convolution.
Image draw_features(xgrad::nn::Sequential& model, const xgrad::Tensor& image);
