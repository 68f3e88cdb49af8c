// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"
#include "compare_optimizers/task.hpp"

namespace compare {

/// What is compared.
struct Plan {
  std::vector<std::string> tasks{"digits"};
  std::vector<std::string> optimizers = xgrad::optim::names();
  std::vector<std::size_t> batch_sizes{64};
  std::vector<std::size_t> hidden{};  ///< none: one layer of 64, for MNIST of 128
  Budget budget{};                    ///< none: the task's own number of epochs
  std::vector<std::string> grid{};    ///< "lr=...", "adam.beta2=0.99,0.999"
  std::uint64_t seeds = 5;
  TableOptions table{};
};

using Grid = std::map<std::string, std::vector<double>>;
/// The values of each option that are tried; "LOW:HIGH:COUNT" is a log grid. Throws OptionError,
/// for values that the optimizer would refuse too.
Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer);

/// Every point of the grid, at seed 0.
std::vector<RunSettings> tuning_stage(const Plan& plan, const std::string& task, std::size_t batch);
/// The options that won and the rule's own, on the seeds 1, 2, ...; an optimizer without a winner
/// has the latter alone.
std::vector<RunSettings> final_stage(const Plan& plan, const std::string& task, std::size_t batch,
                                     const std::map<std::string, xgrad::optim::OptionMap>& winners);

}  // namespace compare
