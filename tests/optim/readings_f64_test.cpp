// SPDX-License-Identifier: MIT
// The tests of readings_test.cpp with Scalar = double.
#include "optim/readings_test.cpp"
