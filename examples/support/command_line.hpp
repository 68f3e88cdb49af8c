// SPDX-License-Identifier: MIT
#pragma once

// Reads the command lines of the programs. Use the validators with `transform`. CLI11 alone reads
// 010 as 8, and its errors say that 5x is too large a number and print the largest double in full.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>

/// Parses the command line, with the options --log-file and --log-level, which every program has,
/// and begins to log to that file. Returns false after --help, whose text it prints. Throws
/// OptionError if the command line is wrong, or if the log file cannot be written.
bool parse_command_line(CLI::App& app, int argc, char** argv);

/// Accepts a whole number from `low` to `high` in decimal digits.
CLI::Validator whole_number(std::uint64_t low,
                            std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// Accepts a finite decimal number for which `accepts` returns true. `what` describes these numbers
/// in errors, for example "a finite number above 0".
CLI::Validator number(const std::string& what, bool (*accepts)(double));

/// Accepts a whole number above 0, or "full", which means xgrad::datasets::full_batch.
CLI::Validator batch_size();
