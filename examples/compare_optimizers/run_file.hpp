// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/run.hpp"

#include <filesystem>
#include <string_view>

namespace compare {

/// Returns a run as lines of JSON: the settings, the steps, the path, the epochs, and how it ended.
std::string to_json_lines(const Run& run);
/// Parses the text that to_json_lines wrote. An infinite number is read as NaN. Throws DataError,
/// with `name` in the message, for any other text.
Run parse_run(std::string_view text, const std::string& name);

/// Returns the settings as one line of JSON. Equal settings give equal lines.
std::string describe(const RunSettings& settings);
/// Returns the path of the run file inside its folder, for example
/// "digits/batch-64/adam/tuning-lr0.001-seed0-1a2b3c4d5e6f7a8b.jsonl". The last part is a hash of
/// all settings.
std::filesystem::path file_name(const RunSettings& settings);

}  // namespace compare
