// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/task.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace compare {

/// How and where runs are made.
struct Jobs {
  std::filesystem::path folder{};   ///< where the run files are
  unsigned workers = 1;             ///< number of runs at the same time, one thread each
  std::uint64_t shard = 0, of = 1;  ///< this process makes run i if i % of == shard
  double wait = 3600;               ///< seconds to wait for each file of another shard
  const xgrad::train::StopRequest* stop = nullptr;
};

/// Trains once and returns the run, or nullopt if `stop` was requested meanwhile. Only runs of
/// Stage::final and Stage::defaults read the test set.
std::optional<Run> execute(const Task& task, const RunSettings& settings,
                           const xgrad::train::StopRequest& stop);

/// Makes the runs of this shard whose files are missing, waits for the files of the other shards,
/// and returns all runs in the order of `settings`. If a stop is requested, it returns fewer runs.
/// Throws DataError if a file cannot be read or written, or if another shard does not write its
/// file in time.
std::vector<Run> perform(const std::map<std::string, Task>& tasks,
                         const std::vector<RunSettings>& settings, const Jobs& jobs);

/// Calls work(0), work(1), ... work(count - 1) on at most `threads` threads. After an exception, no
/// further call starts; the first exception is rethrown after all threads have ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace compare
