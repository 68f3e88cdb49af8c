// SPDX-License-Identifier: MIT
#pragma once

// Runs compare_optimizers and reads its study.

#include "support/program.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace fs = std::filesystem;
using xgrad::test::Outcome;
using xgrad::test::Process;

class CompareOptimizersTest : public xgrad::test::ProgramTest {
 protected:
  CompareOptimizersTest() : ProgramTest(XGRAD_COMPARE) {}

  /// Returns the study without what differs between equal studies: seconds, hashes and the command.
  std::string study(const std::string& folder) const {
    auto json = nlohmann::json::parse(read_bytes(scratch / (folder + "/study.json")));
    const std::function<void(nlohmann::json&)> strip = [&](nlohmann::json& value) {
      if (value.is_object()) {
        for (const char* key : {"seconds", "seconds_to_target", "seconds_per_step", "hash",
                                "profiles_seconds", "command", "table"}) {
          value.erase(key);
        }
      }
      if (!value.is_structured()) return;
      for (auto& each : value) strip(each);
    };
    strip(json);
    return json.dump(1);
  }
  /// Returns the number of runs in the journal of a folder.
  std::size_t runs_in(const std::string& folder) const {
    std::ifstream stream(scratch / (folder + "/runs.jsonl"));
    std::size_t count = 0;
    for (std::string line; std::getline(stream, line);) {
      count += line.ends_with("}") && !stream.eof() ? 1 : 0;
    }
    return count;
  }
  /// Waits until a running program has made `count` runs.
  void wait_for_runs(const std::string& folder, std::size_t count) const {
    while (runs_in(folder) < count) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }

  // 4 tuning runs and 8 later runs.
  const std::string small =
      "iris --epochs 3 --seeds 2 --optimizers sgd,adam --grid lr=0.01,0.1 "
      "--tuning-seeds 1 --fixed-grid ";
};
