// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::optim {

/// Multiplies all gradients by max_norm / norm if their joint Euclidean norm is above max_norm and
/// all elements are finite. Returns the norm before, which is infinite if it does not fit in a
/// double. Throws OptionError unless max_norm is finite and above 0.
double clip_grad_norm(const std::vector<Tensor>& parameters, double max_norm);

/// Limits every element of the gradients to [-limit, limit]. NaN stays NaN. Throws OptionError
/// unless limit is finite and above 0.
void clip_grad_value(const std::vector<Tensor>& parameters, double limit);

}  // namespace xgrad::inline XGRAD_ABI::optim
