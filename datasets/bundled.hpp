// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

namespace xgrad::inline XGRAD_ABI::datasets {

// Tables from the UCI Machine Learning Repository (CC BY 4.0), compiled into the library. The test
// part is one fifth of the rows of each class. The split is fixed.

/// Returns images of handwritten digits, of shape (1, 8, 8) with values in [0, 1]: 1438 training
/// rows, 359 test rows, 10 classes. (Alpaydin and Kaynak 1998)
Dataset digits(Split split);

// The features of the other three tables are standardised with the mean and the standard deviation
// of the training part.

/// Returns measurements of iris flowers: 120 training rows, 30 test rows, 4 features, 3 classes.
/// (Fisher 1936)
Dataset iris(Split split);
/// Returns chemical analyses of wines from three cultivars: 142 training rows, 36 test rows, 13
/// features, 3 classes. (Aeberhard and Forina 1991)
Dataset wine(Split split);
/// Returns Breast Cancer Wisconsin (Diagnostic): 456 training rows, 113 test rows, 30 features, 2
/// classes (benign and malignant). (Wolberg, Mangasarian, Street and Street 1993)
Dataset breast_cancer(Split split);

}  // namespace xgrad::inline XGRAD_ABI::datasets
