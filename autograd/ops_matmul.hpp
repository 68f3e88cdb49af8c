// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

namespace xgrad::inline XGRAD_ABI {

// Matrix products; see ops.hpp for what all ops have in common.

/// Returns the matrix product of a, of shape (m, k), and b, of shape (k, n). Like numpy.matmul, it
/// also accepts vectors and batches of matrices: a vector a is a row and a vector b is a column,
/// whose axis the result does not have; the axes before the last two broadcast, as in
/// (8, 1, m, k) x (5, k, n) = (8, 5, m, n). A product of batches has the same bits for every number
/// of threads.
Tensor matmul(const Tensor& a, const Tensor& b);
/// Returns x W^T + b in one op, for x of shape (..., in), weight W of shape (out, in) and bias b of
/// shape (out). The result has shape (..., out). If each row x[i] of more dimensions has `in`
/// elements instead, such as an image, it is read as a vector, and the result has shape (rows,
/// out).
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

}  // namespace xgrad::inline XGRAD_ABI
