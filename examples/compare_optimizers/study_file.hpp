// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

namespace compare {

/// Returns the FNV-1a hash of the bytes. To hash several pieces in sequence, pass the hash of the
/// previous pieces as `hash`. FNV-1a detects accidental differences, not deliberate forgery.
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 14695981039346656037u);
/// Returns the hash as 16 hexadecimal digits.
std::string hex(std::uint64_t hash);

/// Everything that determines a run. Equal settings give equal runs, bit for bit, on equal
/// machines.
struct Settings {
  std::string stage{}, task{}, data{}, optimizer{}, model{}, version{};
  Options options{};
  std::optional<std::uint64_t> batch_size{}, steps{};  ///< nullopt: all rows; no limit of steps
  std::vector<std::uint64_t> hidden{};
  std::uint64_t seed = 0, epochs = 0;
  double test_fraction = 0;
};

/// Returns the settings as one line of JSON, which identifies the run.
std::string describe(const Settings& settings);

/// A line of the journal runs.jsonl, which keeps the runs of a study until it is complete.
struct Record {
  Settings settings;
  Run run;
};
std::string to_line(const Record& record);  ///< Returns the line without its end.
/// Parses what to_line() returned. Returns nullopt for any other text.
std::optional<Record> parse_record(std::string_view line);

/// The finished runs of a study. They are lines of a file, so that a study that was killed can be
/// resumed. Several processes may write to the same file. A journal has no lock: only one thread
/// may use it at a time.
class Journal {
 public:
  /// Keeps the runs in memory only.
  Journal() = default;
  /// Reads the file if it exists, and appends to it. Ignores damaged lines, so these runs are made
  /// again. Throws DataError if the file cannot be read or written.
  explicit Journal(const std::filesystem::path& file);

  /// Returns the run with these settings, or nullptr. The pointer is valid as long as the journal.
  const Run* find(const Settings& settings) const;
  /// Adds a run. Throws DataError if it cannot be written.
  void add(const Record& record);

 private:
  void require_written() const;  // throws DataError after an error of file_

  std::ofstream file_{};  // closed if the runs are kept in memory only
  std::string name_{};
  std::map<std::string, Run> runs_{};  // by describe(settings)
};

/// Sets run.hash.
void seal(Run& run);
/// Sets study.hash.
void seal(Study& study);

/// Returns the study as JSON.
std::string to_json(const Study& study);
/// Parses what to_json() wrote. Throws DataError, with `name` in the message, for a study of
/// another version, and for one with a run that is missing or altered.
Study parse_study(std::string_view text, const std::string& name);

}  // namespace compare
