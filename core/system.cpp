// SPDX-License-Identifier: MIT
#include <xgrad/core/system.hpp>

#include <xgrad/core/internal/kernels.hpp>

namespace xgrad::inline XGRAD_ABI {

std::string version() { return XGRAD_VERSION; }

std::string simd_name() { return kernels().name; }

}  // namespace xgrad::inline XGRAD_ABI
