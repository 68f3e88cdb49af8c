// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <string>

namespace xgrad::inline XGRAD_ABI {

/// Returns the version of the library: "0.1.0".
std::string version();

/// Returns the name of the BLAS in use: "OpenBLAS 0.3.21 SkylakeX", or "CBLAS" for a BLAS other
/// than OpenBLAS. If oneDNN computes large products, its name comes first:
/// "oneDNN 2.6.3, OpenBLAS 0.3.21 SkylakeX".
std::string blas_name();

/// Returns the instruction set of the kernels in use: "SSE2", "AVX2+FMA" or "AVX-512" on x86-64;
/// other processors differ. xgrad uses the widest set that the machine runs, or the one in the
/// environment variable XGRAD_SIMD (sse2, avx2, avx512). If the machine does not run the set in
/// XGRAD_SIMD or does not know it, xgrad logs a warning and uses the widest one.
std::string simd_name();

}  // namespace xgrad::inline XGRAD_ABI
