// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/dataset.hpp>

#include <filesystem>
#include <string>
#include <vector>

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

/// Returns one of the larger tables, which are not compiled in: "letter", "satellite", "shuttle",
/// "dna", "spam", "vowel", "vehicle", "ionosphere", "glass" or "sonar". Like iris(), it is
/// standardised and has a fixed split; datasets/README.md lists rows, features, classes and
/// sources. Reads the file uci/NAME.csv.gz in `folder`, for example the folder `datasets` of
/// xgrad's sources. If `folder` is empty, reads it in the folder that the environment variable
/// XGRAD_DATA_DIR names or, if it is not set, in share/xgrad of the installed library. Throws
/// OptionError if there is no such table, and DataError if its file is missing.
Dataset table(const std::string& name, Split split, const std::filesystem::path& folder = {});
/// Returns the names of the tables that table() reads.
std::vector<std::string> table_names();

}  // namespace xgrad::inline XGRAD_ABI::datasets
