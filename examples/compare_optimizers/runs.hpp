// SPDX-License-Identifier: MIT
#pragma once

// How runs are made and kept.

#include "compare_optimizers/study_file.hpp"
#include "compare_optimizers/task.hpp"

#include <fstream>
#include <functional>
#include <mutex>

namespace compare {

/// Trains once and returns the run, or nullopt if `stop` was requested meanwhile. Only runs of the
/// stages "tuned" and "defaults" read the test rows. The seed determines the initial weights, the
/// order of the rows and the split; runs of the tuning have other ones than runs after it.
std::optional<Run> execute(const Task& task, const Settings& settings, const Metric& metric,
                           const xgrad::train::StopRequest& stop);

/// The finished runs of a study. They are lines of a file, so that a study that was killed can be
/// resumed. Several processes may write to the same file, and so share the runs of a study.
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
  /// Reads the runs that other processes have added.
  void refresh();

 private:
  void read_lines();             // from place_ to the end of the file
  void require_written() const;  // throws DataError after an error of output_

  std::ifstream input_{};
  std::ofstream output_{};  // closed if the runs are kept in memory only
  std::string name_{};
  std::streamoff place_ = 0;
  mutable std::mutex mutex_{};
  std::map<std::string, Run> runs_{};  // by describe(settings)
};

/// Calls work(0), work(1), ... work(count - 1) on at most `threads` threads. After an exception, no
/// further call starts; the first exception is rethrown after all threads have ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace compare
