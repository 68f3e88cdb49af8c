// SPDX-License-Identifier: MIT
#pragma once

// File functions that all readers and writers of xgrad use.

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

/// Throws the error that write_file would throw for this path before it writes: the folder is
/// missing or has no write permission, the file is a folder or a device or has no write permission,
/// or the name is too long. Changes nothing. Does not detect a full disk.
void require_writable(const char* where, const std::filesystem::path& path);

/// Replaces the contents of a file by `bytes`, completely or not at all. Writes a temporary file in
/// the same folder, `xgrad.PID.N.tmp`, flushes it to the disk and renames it. Like `open`, follows
/// links and rejects a file without write permission. Keeps the mode, owner and group of the old
/// file as far as the system permits. Other hard links to the old file keep the old contents. The
/// access control list of the old file is lost.
///
/// Writes the file in place if the system does not permit the temporary file or the renaming, for
/// example if the folder has no write permission or the file is a mount point. If the process is
/// killed meanwhile, a part of the file remains. Throws DataError if writing fails:
/// `[where] /data/x: cannot be written: No space left on device`.
void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes);

}  // namespace xgrad::inline XGRAD_ABI
