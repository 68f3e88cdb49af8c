// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI {

/// Whether an operand of `gemm` is read as it lies in memory or transposed.
enum class Transpose { no, yes };

/// C = op(A) op(B) + beta C for contiguous row-major matrices, op(A) m x k, op(B) k x n, C m x n.
/// beta = 0 overwrites C without reading it. Goes to the CBLAS routine that fits: a single row or
/// column to gemv, k = 1 to ger or a loop of ours, all else to gemm. Large products are split over
/// num_threads() with OpenBLAS held at one thread for each part: while one runs, a product of the
/// embedder's own in another thread has one thread too. Throws ShapeError where an extent exceeds
/// BLAS's int.
void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          const Scalar* a, const Scalar* b, Scalar beta, Scalar* c);

/// C = op(A) op(B) + 1 bias^T: the bias is added to each row.
void gemm_bias(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
               std::size_t k, const Scalar* a, const Scalar* b, const Scalar* bias, Scalar* c);

}  // namespace xgrad::inline XGRAD_ABI
