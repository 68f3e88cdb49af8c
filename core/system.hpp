// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <string>

namespace xgrad::inline XGRAD_ABI {

/// The library's version, "0.1.0".
std::string version();

/// The BLAS in use: "OpenBLAS 0.3.21 SkylakeX", or "CBLAS" where it does not tell.
std::string blas_name();

/// The instruction set of the kernels in use: "SSE2", "AVX2+FMA" or "AVX-512"; another name
/// elsewhere than on x86-64. Throws OptionError where the environment variable XGRAD_SIMD asks for
/// one that this machine does not run.
std::string simd_name();

}  // namespace xgrad::inline XGRAD_ABI
