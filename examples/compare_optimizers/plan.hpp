// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"
#include "compare_optimizers/task.hpp"

namespace compare {

/// The optimizers that a comparison covers if the user names none.
inline const std::vector<std::string> kDefaultOptimizers{"sgd",     "momentum", "nag",
                                                         "adagrad", "rmsprop",  "adam"};

/// The tasks, optimizers and settings that a comparison covers.
struct Plan {
  std::vector<std::string> tasks{"digits"};
  std::vector<std::string> optimizers = kDefaultOptimizers;
  std::vector<std::size_t> batch_sizes{64};
  std::vector<std::size_t> hidden{};  ///< empty: one layer of width 64, or 128 for MNIST
  Budget budget{};                    ///< empty: the default number of epochs of the task
  std::vector<std::string> grid{};    ///< for example "lr=0.1,0.2", "adam.beta2=0.99,0.999"
  std::uint64_t seeds = 5;
  TableOptions table{};
};

/// The values to try for each option.
using Grid = std::map<std::string, std::vector<double>>;
/// Returns the grid of an optimizer on a task: the default learning rates, or the values of
/// `plan.grid`, where "LOW:HIGH:COUNT" is a logarithmic grid. Throws OptionError if an entry is
/// malformed or contains a value that the optimizer rejects.
Grid grid_for(const Plan& plan, const std::string& task, const std::string& optimizer);

/// Returns one run with seed 0 for each point of each optimizer's grid.
std::vector<RunSettings> tuning_stage(const Plan& plan, const std::string& task, std::size_t batch);
/// Returns the runs with the winning options and with the default options, for the seeds 1, 2, ...,
/// plan.seeds. An optimizer without a winner has only the runs with the default options.
std::vector<RunSettings> final_stage(const Plan& plan, const std::string& task, std::size_t batch,
                                     const std::map<std::string, xgrad::optim::OptionMap>& winners);

}  // namespace compare
