// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/task.hpp"

#include <filesystem>

namespace compare {

/// How and where runs are made.
struct Jobs {
  std::filesystem::path folder{};   ///< where the run files are
  unsigned workers = 1;             ///< number of runs at the same time, one thread each
  std::uint64_t shard = 0, of = 1;  ///< this process makes run i if i % of == shard
  double wait = 3600;               ///< seconds to wait for each file of another shard
  const xgrad::train::StopRequest* stop = nullptr;
};

/// Makes the runs of this shard whose files are missing, waits for the files of the other shards,
/// and returns all runs in the order of `settings`. If a stop is requested, it returns fewer runs.
/// Throws DataError if a file cannot be read or written, or if another shard does not write its
/// file in time.
std::vector<Run> perform(const std::map<std::string, Task>& tasks,
                         const std::vector<RunSettings>& settings, const Jobs& jobs);

}  // namespace compare
