// SPDX-License-Identifier: MIT
// The tests of elementwise_test.cpp with Scalar = double.
#include "core/elementwise_test.cpp"
