// SPDX-License-Identifier: MIT
// The same tests in double.
#include "core/updates_test.cpp"
