// SPDX-License-Identifier: MIT
// The tests of images_test.cpp with Scalar = double.
#include "core/images_test.cpp"
