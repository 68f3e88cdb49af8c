// SPDX-License-Identifier: MIT
// The tests of explain_test.cpp with Scalar = double.
#include "optim/explain_test.cpp"
