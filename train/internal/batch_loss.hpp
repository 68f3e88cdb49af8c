// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

namespace xgrad::inline XGRAD_ABI::train {

/// Returns the number in the loss of a batch. Throws ShapeError unless it is one number.
inline double number_of(const Tensor& loss) {
  if (loss.size() == 1) return static_cast<double>(loss.item());
  throw ShapeError("[criterion] the loss of a batch must be one number, got the shape " +
                   to_string(loss.shape()) +
                   "; return the mean over the rows, as Reduction::mean does");
}

}  // namespace xgrad::inline XGRAD_ABI::train
