// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/train/history.hpp>

#include <cstdint>
#include <filesystem>

namespace xgrad::inline XGRAD_ABI::train {

/// How far a run has come, besides what its model and its optimizer know themselves.
struct Progress {
  std::uint64_t epoch = 0;             ///< epochs that have ended
  std::uint64_t step = 0;              ///< steps in all
  std::uint64_t seed = 0;              ///< of the run, for the program that made it
  datasets::DataLoaderState loader{};  ///< what comes next
  std::uint64_t rows = 0;              ///< trained on so far in the epoch under way
  double loss_sum = 0;                 ///< over these rows
  double seconds = 0;                  ///< that they took
  History history{};                   ///< the epochs that have ended
};

/// Writes everything that a run needs to go on as if it had never stopped: the parameters and the
/// states of the Rngs that the model draws from, the optimizer's rule, options, learning rate, step
/// count and moments, and the progress. A schedule is a function of the step count, so it goes on
/// with it.
///
/// The file is safetensors: "model.NAME" for each parameter, "optimizer.STATE.NAME" for each
/// moment, and in `__metadata__` the rest as JSON under "xgrad_checkpoint". Its last four bytes are
/// the CRC-32 of all others, which the header lists as a tensor "crc32". The file is replaced as
/// save_parameters does it: `path` holds the old checkpoint or the new one, whole. NAG may be
/// between eval() and train(); `model` then holds theta. Throws OptionError where the optimizer has
/// a parameter that the model has not, DataError where the file cannot be written.
void save_checkpoint(const std::filesystem::path& path, const nn::Module& model,
                     const optim::Optimizer& optimizer, const Progress& progress);

/// Puts model and optimizer where they were, and gives back the progress; hand its `loader` to
/// DataLoader::set_state. Later steps then equal those of the run that was saved, bit for bit, on
/// the same machine with as many threads.
/// Throws DataError that names what differs, and leaves both as they were: another architecture,
/// rule, option or Scalar, a file cut short or altered. Throws OptionError where the optimizer has
/// a parameter that the model has not.
Progress load_checkpoint(const std::filesystem::path& path, nn::Module& model,
                         optim::Optimizer& optimizer);

}  // namespace xgrad::inline XGRAD_ABI::train
