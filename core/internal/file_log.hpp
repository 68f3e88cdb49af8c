// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

namespace xgrad::inline XGRAD_ABI {

/// Measures the time from its construction on, and logs at level info what was done with a file.
class FileLog {
 public:
  /// `where` is the function that reads or writes the file, and `path` outlives this object.
  FileLog(const char* where, const std::filesystem::path& path) : where_(where), path_(path) {}

  /// Logs "[csv] read /data/x.csv: 150 rows in 0.002 s".
  void read_rows(std::size_t rows) const noexcept;
  /// Logs "[load_parameters] loaded /data/net: 1264 bytes in 0.4 ms".
  void loaded() const noexcept { log_bytes("loaded"); }
  /// Logs "[save_parameters] saved /data/net: 1264 bytes in 0.4 ms".
  void saved() const noexcept { log_bytes("saved"); }

 private:
  std::string begin_of_line(const char* verb) const;
  void log_bytes(const char* verb) const noexcept;

  const char* where_;
  const std::filesystem::path& path_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace xgrad::inline XGRAD_ABI
