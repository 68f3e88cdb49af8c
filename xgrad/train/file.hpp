// SPDX-License-Identifier: MIT
#pragma once

// Whole files, in and out: private to train/, not installed.

#include <xgrad/core/config.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::train {

/// Everything a file holds. Throws DataError, naming `where` and the absolute path.
std::string read_file(const char* where, const std::filesystem::path& path);

/// Replaces a file by `bytes`, or leaves it as it was: written aside, flushed to the disk, renamed.
/// Throws DataError, naming `where` and the absolute path.
void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes);

}  // namespace xgrad::inline XGRAD_ABI::train
