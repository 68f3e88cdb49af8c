// SPDX-License-Identifier: MIT
#pragma once

// Files as all readers and writers treat them: private to the library, not installed.

#include <xgrad/core/config.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI {

/// The absolute path, as errors name it.
std::string absolute_name(const std::filesystem::path& path);

/// The absolute path of a file to read. Throws DataError `[where] /data/x.csv: no such file`.
std::string require_file(const char* where, const std::filesystem::path& path);

/// Everything a file holds. Throws DataError like require_file.
std::string read_file(const char* where, const std::filesystem::path& path);

/// Replaces a file by `bytes`, or leaves it as it was: written aside, flushed to the disk, renamed.
/// Throws DataError `[where] /data/x: cannot be written: No space left on device`.
void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes);

}  // namespace xgrad::inline XGRAD_ABI
