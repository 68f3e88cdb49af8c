// SPDX-License-Identifier: MIT
#pragma once

/// The inline namespace that keeps the float library and its double twin apart at link time.
#if defined(XGRAD_DOUBLE)
#define XGRAD_ABI scalar_f64
#else
#define XGRAD_ABI scalar_f32
#endif

/// Arrays, tensors with gradients and the functions on them.
namespace xgrad::inline XGRAD_ABI {

/// The one element type of a build: float, or double where XGRAD_DOUBLE is defined (xgrad_f64).
#if defined(XGRAD_DOUBLE)
using Scalar = double;
#else
using Scalar = float;
#endif

}  // namespace xgrad::inline XGRAD_ABI
