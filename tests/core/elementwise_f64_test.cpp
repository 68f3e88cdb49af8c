// SPDX-License-Identifier: MIT
// The same tests in double.
#include "core/elementwise_test.cpp"
