// SPDX-License-Identifier: MIT
// The same tests in double.
#include "core/rows_test.cpp"
