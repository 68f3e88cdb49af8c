// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/registry.hpp"

namespace compare {

/// Carries out a study that the command line describes, and returns the exit status of the program:
/// 0 on success, 1 on an error, 2 for a wrong option, 130 after Ctrl-C. Rules and models of your
/// own must be added before.
///
///     int main(int argc, char** argv) {
///       compare::add_rule<AdaMax>();
///       return compare::run_study(argc, argv);
///     }
int run_study(int argc, char** argv);

}  // namespace compare
