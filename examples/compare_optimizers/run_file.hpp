// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/run.hpp"

#include <filesystem>
#include <string_view>

namespace compare {

/// A run as lines of JSON: the settings, then its steps, path and epochs, then how it ended.
std::string to_json_lines(const Run& run);
/// What to_json_lines wrote; infinity comes back as NaN. Throws DataError for any other text.
Run parse_run(std::string_view text, const std::string& name);

/// The settings as one line of JSON; equal settings give equal lines.
std::string describe(const RunSettings& settings);
/// "digits/batch-64/adam/tuning-lr0.001-seed0-1a2b3c4d5e6f7a8b.jsonl": the last part stands for all
/// settings.
std::filesystem::path file_name(const RunSettings& settings);

}  // namespace compare
