// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/loader.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/train/history.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// The state of AveragedWeights.
struct WeightAverage {
  double decay = 0;             ///< factor of the old average in each step
  std::uint64_t steps = 0;      ///< number of steps so far
  std::vector<Array> values{};  ///< averages, in the order of named_state()
};

/// The progress of a run, apart from the state of its model and its optimizer.
struct Progress {
  std::uint64_t epoch = 0;             ///< number of epochs that have ended
  std::uint64_t step = 0;              ///< number of steps in all epochs
  std::uint64_t seed = 0;              ///< seed of the run; only the program itself uses it
  datasets::DataLoaderState loader{};  ///< position of the loader
  std::uint64_t rows = 0;              ///< number of rows used in the current epoch
  double loss_sum = 0;                 ///< sum of the losses of these rows
  double seconds = 0;                  ///< training time of these rows, in seconds
  History history{};                   ///< epochs that have ended
  /// Averages of the parameters and the buffers. A Checkpoint sets it; in a run, AveragedWeights
  /// itself keeps them.
  std::optional<WeightAverage> average{};
};

/// Saves everything that is needed to resume a run as if it had not been interrupted: the
/// parameters and the buffers; the states of the Rngs that the model draws from; the optimizer's
/// name, options, learning rate, step count and state; and the progress with the averages. A
/// schedule is not saved, because it is a function of the step count.
///
/// The file has the safetensors format. It contains "model.NAME" for each parameter and buffer,
/// "optimizer.STATE.NAME" for each state array, "average.NAME" for each average, and the rest as
/// one JSON object in `__metadata__` under "xgrad_checkpoint". A number that is not finite is the
/// string "inf", "-inf" or "nan" there. The last four bytes of the file are the tensor "crc32": the
/// CRC-32 of all bytes before them. The file is replaced like that of save_parameters(): `path`
/// contains either the whole old checkpoint or the whole new one. NAG may be in evaluation mode;
/// `model` then contains theta. Throws OptionError if a parameter of the optimizer does not belong
/// to the model, or if the progress has not one average for each parameter and buffer. Throws
/// DataError if the file cannot be written.
void save_checkpoint(const std::filesystem::path& path, const nn::Module& model,
                     const optim::Optimizer& optimizer, const Progress& progress);

/// Restores the model and the optimizer, and returns the progress. Pass its `loader` to
/// DataLoader::set_state(). On the same machine and with the same number of threads, the next steps
/// are then bit for bit those that the saved run would have taken. Throws DataError, with what
/// differs, if the file is truncated or altered, or if the architecture, the optimizer, an option
/// or Scalar differs. Throws OptionError if a parameter of the optimizer does not belong to the
/// model. If it throws, the model and the optimizer have not changed.
Progress load_checkpoint(const std::filesystem::path& path, nn::Module& model,
                         optim::Optimizer& optimizer);

}  // namespace xgrad::inline XGRAD_ABI::train
