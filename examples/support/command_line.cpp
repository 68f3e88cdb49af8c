// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include "program.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/datasets/loader.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <system_error>

namespace {

/// Returns the number, or nullopt unless the whole text is one number.
template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || last != end) return std::nullopt;
  return value;
}

std::optional<std::string> normal_whole_number(const std::string& text, std::uint64_t low,
                                               std::uint64_t high) {
  const auto value = parse<std::uint64_t>(text);
  if (!value || *value < low || *value > high) return std::nullopt;
  return std::to_string(*value);  // has no leading zeros, which CLI11 would read as octal
}

/// Creates a validator. `normal` returns the text in the form that CLI11 must read, or nullopt if
/// the text is not `what`.
CLI::Validator validator(
    const std::string& what,
    const std::function<std::optional<std::string>(const std::string& text)>& normal) {
  const auto replace = [=](std::string& text) {
    const std::optional<std::string> result = normal(text);
    if (!result) return "must be " + what + ", got \"" + text + "\"";
    text = *result;
    return std::string();
  };
  return {replace, ""};
}

}  // namespace

bool parse_command_line(CLI::App& app, int argc, char** argv) {
  std::string log_file, log_level = "info";
  CLI::Option* const file =
      app.add_option("--log-file", log_file, "File to which log messages are added")
          ->default_str("");
  app.add_option("--log-level", log_level, "Least level in the log file")
      ->default_str(log_level)
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->needs(file);
  try {
    app.parse(argc, argv);
    if (file->count() > 0) log_to_file(log_file, log_level);
    return true;
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return false;
  } catch (const CLI::ParseError& error) {
    throw xgrad::OptionError(std::string(error.what()) + "; see --help");
  }
}

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  return validator("a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                   [=](const std::string& text) { return normal_whole_number(text, low, high); });
}

CLI::Validator number(const std::string& what, bool (*accepts)(double)) {
  return validator(what, [=](const std::string& text) -> std::optional<std::string> {
    const auto value = parse<double>(text);
    if (!value || !std::isfinite(*value) || !accepts(*value)) return std::nullopt;
    return text;
  });
}

CLI::Validator batch_size() {
  constexpr std::size_t full = xgrad::datasets::full_batch;
  return validator("a whole number above 0 or \"full\"", [](const std::string& text) {
    return text == "full" ? std::to_string(full) : normal_whole_number(text, 1, full);
  });
}
