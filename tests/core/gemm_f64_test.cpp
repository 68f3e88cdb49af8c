// SPDX-License-Identifier: MIT
// The tests of gemm_test.cpp with Scalar = double.
#include "core/gemm_test.cpp"
