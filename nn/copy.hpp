// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

namespace xgrad::inline XGRAD_ABI::nn {

// Functions that write the parameters of one model into another. They throw Error if the names of
// the two models differ, and ShapeError if a shape differs, before they change anything. Call
// eval() of a NAG optimizer first, because it trains on other values.

/// Copies the parameters. Module::load_state() also copies the buffers.
void copy_parameters(const Module& from, Module& to);

/// Moves the parameters of `to` towards those of `from`: to = (1 - tau) to + tau from. Target
/// networks of reinforcement learning are averaged like this, with a small tau. Throws OptionError
/// unless 0 <= tau <= 1.
void average_parameters(const Module& from, Module& to, double tau);

}  // namespace xgrad::inline XGRAD_ABI::nn
