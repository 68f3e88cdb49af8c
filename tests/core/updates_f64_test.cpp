// SPDX-License-Identifier: MIT
// The tests of updates_test.cpp with Scalar = double.
#include "core/updates_test.cpp"
