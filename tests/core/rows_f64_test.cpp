// SPDX-License-Identifier: MIT
// The tests of rows_test.cpp with Scalar = double.
#include "core/rows_test.cpp"
