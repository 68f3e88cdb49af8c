// SPDX-License-Identifier: MIT
#pragma once

// Reads the command lines of the programs. Only command_line.cpp includes CLI11, which takes longer
// to compile than a whole program.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Converts a word of the command line. `parse` throws OptionError, "must be ...", if the word is
/// wrong.
template <class T>
struct Parser {
  std::string type;  ///< the type in the text of --help, for example "UINT"
  std::function<T(const std::string& word)> parse;
};

/// Accepts any text.
Parser<std::string> text();

/// Accepts one of `words`.
Parser<std::string> one_of(const std::vector<std::string>& words);

/// Accepts any path but an empty one.
Parser<std::filesystem::path> path();

/// Accepts a whole number from `low` to `high` in decimal digits.
Parser<std::uint64_t> whole_number(std::uint64_t low,
                                   std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// Accepts a whole number above 0, or "full", which means xgrad::datasets::full_batch.
Parser<std::uint64_t> batch_size();

/// Accepts a finite decimal number for which `accepts` returns true. `what` describes these numbers
/// in errors, for example "a finite number above 0".
Parser<double> number(const std::string& what, bool (*accepts)(double));

/// How many words an option takes. One of several words may also be repeated.
enum class Words { none, one, several, separated_by_commas };

/// What an option does with its words. value() and flag() create it.
struct Value {
  std::function<void(const std::string& word)> read;  ///< called for each word
  std::string type{}, initial{};                      ///< the type and the default value in --help
  Words words = Words::one;
};

/// Returns a default value as --help shows it.
std::string shown(const std::string& value);
std::string shown(const std::filesystem::path& value);
std::string shown(std::uint64_t value);
std::string shown(double value);

/// Assigns the word to `target`.
template <class T, class U>
Value value(T& target, const Parser<U>& parser) {
  return {[&target, parse = parser.parse](const std::string& word) {
            target = static_cast<T>(parse(word));
          },
          parser.type, shown(static_cast<U>(target))};
}
template <class T, class U>
Value value(std::optional<T>& target, const Parser<U>& parser) {
  return {[&target, parse = parser.parse](const std::string& word) { target = parse(word); },
          parser.type};
}

/// Replaces the elements of `target` by the words.
template <class T, class U>
Value value(std::vector<T>& target, const Parser<U>& parser,
            Words words = Words::separated_by_commas) {
  std::string initial;
  for (const T& element : target) initial += (initial.empty() ? "" : ",") + shown(element);
  return {[&target, parse = parser.parse, is_first = true](const std::string& word) mutable {
            if (std::exchange(is_first, false)) target.clear();
            target.push_back(parse(word));
          },
          parser.type, initial, words};
}

/// Sets `target` to true. The option takes no word.
inline Value flag(bool& target) {
  return {[&target](const std::string&) { target = true; }, "", "", Words::none};
}

/// An option of a program.
struct Option {
  std::string name;  ///< "--name", or "name" for an argument that stands by itself
  std::string help;
  Value value;
  bool required = false;
  std::string needs{}, excludes{};  ///< names of options that stand before this one in the list
};

/// Parses the command line, with the options --log-file and --log-level, which every program has,
/// and begins to log to that file. Returns false after --help, whose text it prints. Throws
/// OptionError if the command line is wrong, or if the log file cannot be written.
bool parse_command_line(int argc, char** argv, const std::string& description,
                        std::vector<Option> options);
