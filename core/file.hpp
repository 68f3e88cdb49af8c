// SPDX-License-Identifier: MIT
#pragma once

// Reading and replacing whole files, as all readers and writers of xgrad do it.

#include <xgrad/core/config.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI {

/// Returns the absolute path, as error messages name it.
std::string absolute_name(const std::filesystem::path& path);

/// Returns the absolute path of a file to read. Throws DataError if the file does not exist
/// (`[where] /data/x.csv: no such file`) or is not a regular file.
std::string require_file(const char* where, const std::filesystem::path& path);

/// Returns the contents of a file. Throws DataError like require_file, or if the file cannot be
/// read.
std::string read_file(const char* where, const std::filesystem::path& path);

/// Throws what write_file would throw for this path before it writes: the folder is missing or may
/// not be written, the file is a folder or a device or may not be written, the name is too long.
/// Changes nothing. A full disk is not found out.
void require_writable(const char* where, const std::filesystem::path& path);

/// Replaces the content of a file by `bytes`, or leaves it as it was. The bytes go to a new file in
/// the same folder, `xgrad.PID.N.tmp`, which is flushed to the disk and renamed. The path means
/// what it means to `open`: links are followed, and a file without write permission is refused. The
/// mode, owner and group of an old file are kept as far as the system permits that. Other hard
/// links to it keep the old content, and its access control list is lost.
///
/// Where the system refuses the new file or the renaming (a folder without write permission, a file
/// that is a mount point), the file is written in place, and a process that is killed meanwhile
/// leaves a part of it. Throws DataError `[where] /data/x: cannot be written: No space left on
/// device`.
void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes);

}  // namespace xgrad::inline XGRAD_ABI
