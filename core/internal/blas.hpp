// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/operand.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI {

/// Computes C = op(A) op(B) + beta C for contiguous row-major matrices, where op(A) is m x k, op(B)
/// is k x n and C is m x n. If beta is 0, C is overwritten without being read. Uses the CBLAS
/// routine that fits: gemv if m or n is 1, ger or a kernel of xgrad if k is 1, otherwise gemm. In
/// float, oneDNN computes large products if xgrad was built with it. A large product is split into
/// chunks for num_threads() threads. OpenBLAS is set to one thread while a chunk runs, so a product
/// that the host program computes in another thread at that time uses one thread, too. Throws
/// ShapeError if an extent exceeds BLAS's int, and std::bad_alloc if oneDNN lacks memory; C is then
/// partly written.
void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          const Scalar* a, const Scalar* b, Scalar beta, Scalar* c);

/// Computes C = op(A) op(B) and adds `bias` (n numbers) to each row.
void gemm_bias(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
               std::size_t k, const Scalar* a, const Scalar* b, const Scalar* bias, Scalar* c);

/// A matrix in row-major memory whose rows start `stride` elements apart.
struct MatrixView {
  const Scalar* data;   ///< the first element
  std::size_t stride;   ///< at least the number of columns
  Transpose transpose;  ///< whether a product reads the transpose of the matrix

  /// Returns the rows from `i` on of the matrix that a product reads.
  MatrixView from_row(std::size_t i) const {
    return {data + i * (transpose == Transpose::no ? stride : 1), stride, transpose};
  }
  /// Returns the columns from `i` on of the matrix that a product reads.
  MatrixView from_column(std::size_t i) const {
    return {data + i * (transpose == Transpose::no ? 1 : stride), stride, transpose};
  }
};

/// Computes C = op(A) op(B) + beta C like gemm(), but on the calling thread only. Row i of C starts
/// at c + i * stride. For a caller that splits its work over threads itself: the caller must hold a
/// SingleThreadedBlas. No extent and no stride may exceed BLAS's int. Throws std::bad_alloc.
void gemm_in_chunk(std::size_t m, std::size_t n, std::size_t k, const MatrixView& a,
                   const MatrixView& b, Scalar beta, Scalar* c, std::size_t stride);

}  // namespace xgrad::inline XGRAD_ABI
