// SPDX-License-Identifier: MIT
// The same tests in double.
#include "core/gemm_test.cpp"
