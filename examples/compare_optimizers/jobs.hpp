// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/task.hpp"

#include <filesystem>

namespace compare {

/// How runs are made.
struct Jobs {
  std::filesystem::path folder{};   ///< of the run files
  unsigned workers = 1;             ///< runs at once, one thread each
  std::uint64_t shard = 0, of = 1;  ///< every of-th run from that on is this process's own
  double wait = 3600;               ///< seconds for each file that another shard owes
  const xgrad::train::StopRequest* stop = nullptr;
};

/// Makes the runs whose files are missing, waits for those of the other shards, and gives all back
/// in this order. Fewer come back only where a stop was requested. Throws DataError.
std::vector<Run> perform(const std::map<std::string, Task>& tasks,
                         const std::vector<RunSettings>& settings, const Jobs& jobs);

}  // namespace compare
