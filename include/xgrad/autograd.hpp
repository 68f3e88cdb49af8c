// SPDX-License-Identifier: MIT
#pragma once

/// Tensors, the ops on them, and their gradients.
#include <xgrad/autograd/array_operands.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/autograd/tensor.hpp>
