// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <iosfwd>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Returns a table with one line for each layer: its name and description, the shape of its output,
/// and the numbers of its parameters and of its multiply-adds; and their totals. Runs the model on
/// zeros of the shape `input`, which includes the batch axis, in evaluation mode and without a
/// graph. A parameter that several layers share is counted once. Throws like the model's forward().
std::string summary(Module& model, const Shape& input);

/// Prints the description of the module and, indented, the names and descriptions of the modules
/// inside it.
std::ostream& operator<<(std::ostream& out, const Module& module);

}  // namespace xgrad::inline XGRAD_ABI::nn
