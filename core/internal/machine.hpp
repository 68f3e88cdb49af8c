// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

namespace xgrad::inline XGRAD_ABI {

/// Logs the instruction set, the BLAS and the threads when it is called for the first time, with a
/// warning for each that makes xgrad slow. The first matrix product of a process calls it.
void log_machine_once() noexcept;

}  // namespace xgrad::inline XGRAD_ABI
