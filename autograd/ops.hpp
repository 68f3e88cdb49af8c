// SPDX-License-Identifier: MIT
#pragma once

// All ops on tensors. Every op checks its shapes before it computes anything, and throws ShapeError
// with one line that names the shapes. Shapes broadcast as in NumPy. A negative axis counts from
// the last axis. The derivative at a kink is a convention: relu'(0) = 0, leaky_relu'(0) = slope,
// elu'(0) = alpha, |x|'(0) = 0, clamp' = 1 at its limits, and equal elements in max, min, maximum
// and minimum share the gradient equally.

#include <xgrad/autograd/ops_elementwise.hpp>
#include <xgrad/autograd/ops_loss.hpp>
#include <xgrad/autograd/ops_matmul.hpp>
#include <xgrad/autograd/ops_reduce.hpp>
#include <xgrad/autograd/ops_shape.hpp>

#include <xgrad/autograd/array_operands.hpp>  // ops between tensors and arrays
