// SPDX-License-Identifier: MIT
#pragma once

// Whether two data sets mean the same by their numbers. This header is private to the library and
// not installed.

#include <xgrad/datasets/dataset.hpp>

namespace xgrad::inline XGRAD_ABI::train {

/// Throws DataError unless both data sets have labels and the same classes, or both have the same
/// targets, and both have the same features and the same scaling, as far as they know them. Two
/// tables that were read separately may number their classes, order their columns or scale them
/// differently. The validation loss would then be wrong without an error.
void require_same_encoding(const datasets::Dataset& training, const datasets::Dataset& validation);

}  // namespace xgrad::inline XGRAD_ABI::train
