// SPDX-License-Identifier: MIT
#pragma once

// Command lines as the programs read them. Use the validators with `transform`: CLI11 alone takes
// 010 for 8 and 5x for a number too large, and prints the largest double with all its digits.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>

/// Parses the command line. Returns false after --help, whose text it prints. Throws OptionError
/// if the command line is wrong.
bool parse_command_line(CLI::App& app, int argc, char** argv);

/// Accepts a whole number from `low` to `high` in decimal digits.
CLI::Validator whole_number(std::uint64_t low,
                            std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// Accepts a finite decimal number for which `accepts` returns true; `what` describes these, as in
/// "a finite number above 0".
CLI::Validator number(const std::string& what, bool (*accepts)(double));

/// Accepts a whole number above 0, or "full", which stands for xgrad::datasets::full_batch.
CLI::Validator batch_size();
