// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include "program.hpp"
#include "text.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/datasets/loader.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace {

/// Creates a parser. `find` returns nullopt if the word is not `what`. Numbers are not left to
/// CLI11, which would read 010 as 8, and would report 5x as a number that is too large.
template <class T, class Find>
Parser<T> parser(const std::string& type, const std::string& what, Find find) {
  return {type, [=](const std::string& word) {
            const std::optional<T> value = find(word);
            if (!value) throw xgrad::OptionError("must be " + what + ", got \"" + word + "\"");
            return *value;
          }};
}

std::optional<std::uint64_t> parse_from(const std::string& word, std::uint64_t low,
                                        std::uint64_t high) {
  const auto value = parse<std::uint64_t>(word);
  return value && *value >= low && *value <= high ? value : std::nullopt;
}

/// Reads all words that an option was given.
bool read(const Option& option, const std::vector<std::string>& words) {
  try {
    for (const std::string& word : words) {
      const bool is_list = option.value.words == Words::separated_by_commas;
      for (const std::string& part : is_list ? split(word, ',') : std::vector{word}) {
        option.value.read(part);
      }
    }
  } catch (const xgrad::OptionError& error) {
    throw CLI::ValidationError(option.name, error.what());
  }
  return true;
}

void add(CLI::App& app, const Option& option) {
  const auto on_words = [&option](const CLI::results_t& words) { return read(option, words); };
  const auto on_flag = [&option] { option.value.read(""); };
  CLI::Option* const added = option.value.words == Words::none
                                 ? app.add_flag_callback(option.name, on_flag, option.help)
                                 : app.add_option(option.name, on_words, option.help);
  added->type_name(option.value.type)->default_str(option.value.initial);
  added->required(option.required);
  if (option.value.words == Words::several || option.value.words == Words::separated_by_commas) {
    // One word after each name of an option: "--hidden 64 iris" leaves iris to the arguments.
    added->expected(1, -1)->allow_extra_args(!option.name.starts_with("--"));
  }
  if (!option.needs.empty()) added->needs(option.needs);
  if (!option.excludes.empty()) added->excludes(option.excludes);
}

}  // namespace

Parser<std::string> text() {
  return {"TEXT", [](const std::string& word) { return word; }};
}

Parser<std::string> one_of(const std::vector<std::string>& words) {
  return parser<std::string>("{" + joined(words, ",") + "}", "one of " + joined(words),
                             [=](const std::string& word) -> std::optional<std::string> {
                               if (std::find(words.begin(), words.end(), word) == words.end())
                                 return std::nullopt;
                               return word;
                             });
}

Parser<std::filesystem::path> path() {
  using std::filesystem::path;
  return parser<path>("PATH", "a path", [](const std::string& word) {
    return word.empty() ? std::nullopt : std::optional<path>(word);
  });
}

Parser<std::uint64_t> whole_number(std::uint64_t low, std::uint64_t high) {
  return parser<std::uint64_t>(
      "UINT", "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
      [=](const std::string& word) { return parse_from(word, low, high); });
}

Parser<std::uint64_t> batch_size() {
  using xgrad::datasets::full_batch;
  return parser<std::uint64_t>(
      "UINT", "a whole number above 0 or \"full\"", [](const std::string& word) {
        return word == "full" ? full_batch : parse_from(word, 1, full_batch);
      });
}

Parser<double> number(const std::string& what, bool (*accepts)(double)) {
  return parser<double>("FLOAT", what, [=](const std::string& word) {
    const auto value = parse<double>(word);
    return value && std::isfinite(*value) && accepts(*value) ? value : std::nullopt;
  });
}

std::string shown(const std::string& value) { return value; }
std::string shown(const std::filesystem::path& value) { return value.string(); }
std::string shown(std::uint64_t value) { return std::to_string(value); }
std::string shown(double value) { return xgrad::format_number(value); }

bool parse_command_line(int argc, char** argv, const std::string& description,
                        std::vector<Option> options) {
  std::optional<std::filesystem::path> log_file;
  std::string log_level = "info";
  options.push_back({.name = "--log-file",
                     .help = "File to which log messages are added",
                     .value = value(log_file, path())});
  options.push_back({.name = "--log-level",
                     .help = "Least level in the log file",
                     .value = value(log_level, one_of({"debug", "info", "warning", "error"})),
                     .needs = "--log-file"});
  CLI::App app(description);
  for (const Option& option : options) add(app, option);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return false;
  } catch (const CLI::ParseError& error) {
    throw xgrad::OptionError(std::string(error.what()) + "; see --help");
  }
  if (log_file) log_to_file(*log_file, log_level);
  return true;
}
