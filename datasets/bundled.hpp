// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

namespace xgrad::inline XGRAD_ABI::datasets {

// Tables from the UCI Machine Learning Repository (CC BY 4.0), compiled into the library. One row
// in five of each class is the test part, always the same ones.

/// Handwritten digits, 8 x 8 pixels in [0, 1]: 1438 and 359 rows, 64 features, 10 classes
/// (Alpaydin and Kaynak 1998).
Dataset digits(Split split);

// The other three are standardised with mean and standard deviation of their training part.

/// Iris flowers: 120 and 30 rows, 4 features, 3 classes (Fisher 1936).
Dataset iris(Split split);
/// Chemistry of wines from three cultivars: 142 and 36 rows, 13 features (Aeberhard and Forina).
Dataset wine(Split split);
/// Breast cancer Wisconsin (diagnostic): 456 and 113 rows, 30 features, benign or malignant
/// (Wolberg, Mangasarian, Street and Street).
Dataset breast_cancer(Split split);

}  // namespace xgrad::inline XGRAD_ABI::datasets
