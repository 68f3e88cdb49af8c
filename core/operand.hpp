// SPDX-License-Identifier: MIT
#pragma once

// How matrix products and update rules read an operand.

#include <xgrad/core/config.hpp>

namespace xgrad::inline XGRAD_ABI {

/// The transpose flag of an operand of a matrix product.
enum class Transpose { no, yes };

/// A span of elements that are all multiplied by one factor: element i is factor * values[i]. A row
/// of an outer product is read in this form, so the product itself is never stored.
struct ScaledSpan {
  const Scalar* values;  ///< the first element
  Scalar factor = 1;     ///< the number by which each element is multiplied
};

}  // namespace xgrad::inline XGRAD_ABI
