// SPDX-License-Identifier: MIT
#pragma once

// What tests ask about the graph.

#include <xgrad/core/config.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI {

/// Returns the number of tensors that are alive in this process, in graphs or held by handles. A
/// test that compares the number before and after finds tensors that are never freed.
std::size_t live_tensors();

}  // namespace xgrad::inline XGRAD_ABI
