// SPDX-License-Identifier: MIT
// Compares optimizers on tasks: tunes each, trains it with new seeds, writes study.json and
// report.html.
#include "compare_optimizers/program.hpp"

int main(int argc, char** argv) { return compare::run_study(argc, argv); }
