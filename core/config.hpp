// SPDX-License-Identifier: MIT
#pragma once

#if __cplusplus <= 201703L
#error "xgrad needs C++20: compile with -std=c++20, or link the CMake target xgrad::xgrad"
#endif

// XGRAD_VERSION is defined only while the library itself is compiled. A program that uses xgrad may
// be compiled with -ffast-math.
#if defined(XGRAD_VERSION) &&                                                           \
    (defined(__FAST_MATH__) || __FINITE_MATH_ONLY__ || defined(__ASSOCIATIVE_MATH__) || \
     defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__))
#error "xgrad computes with NaN and infinity: compile it without -ffast-math and its parts"
#endif

/// The inline namespace that separates the float library from the double library when both are
/// linked.
#if defined(XGRAD_DOUBLE)
#define XGRAD_ABI scalar_f64
#else
#define XGRAD_ABI scalar_f32
#endif

/// Arrays, tensors with gradients and the functions on them.
namespace xgrad::inline XGRAD_ABI {

/// The element type of this build: float, or double if XGRAD_DOUBLE is defined (xgrad_f64).
#if defined(XGRAD_DOUBLE)
using Scalar = double;
#else
using Scalar = float;
#endif

}  // namespace xgrad::inline XGRAD_ABI
