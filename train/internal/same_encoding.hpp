// SPDX-License-Identifier: MIT
#pragma once

// Checks that the numbers of two data sets have the same meaning. This header is private to the
// library and not installed.

#include <xgrad/datasets/dataset.hpp>

namespace xgrad::inline XGRAD_ABI::train {

/// Throws DataError if only one of two data sets has labels, or if they have other classes,
/// targets, features or scaling. Names are compared if both data sets have them. Two
/// tables that were read separately may number their classes, order their columns or scale them
/// differently. The validation loss would then be wrong without an error.
void require_same_encoding(const datasets::Dataset& training, const datasets::Dataset& validation);

}  // namespace xgrad::inline XGRAD_ABI::train
