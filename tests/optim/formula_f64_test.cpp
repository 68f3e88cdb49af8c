// SPDX-License-Identifier: MIT
// The tests of formula_test.cpp with Scalar = double.
#include "optim/formula_test.cpp"
