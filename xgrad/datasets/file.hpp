// SPDX-License-Identifier: MIT
#pragma once

// What the file readers share: private to datasets/, not installed.

#include <xgrad/core/config.hpp>

#include <filesystem>
#include <string>

namespace xgrad::inline XGRAD_ABI::datasets {

/// The absolute path, as errors name it.
std::string absolute_name(const std::filesystem::path& path);

/// The absolute path of a file to read. Throws DataError `[where] /data/x.csv: no such file`.
std::string require_file(const char* where, const std::filesystem::path& path);

}  // namespace xgrad::inline XGRAD_ABI::datasets
