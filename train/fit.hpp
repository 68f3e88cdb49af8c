// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/schedules.hpp>
#include <xgrad/train/run.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// What fit() adds to the loop.
struct FitOptions {
  std::size_t epochs = 1;                         ///< in all, those of `resume` included
  std::optional<datasets::Dataset> validation{};  ///< evaluated after each epoch
  double validation_fraction = 0;                 ///< or this part of the loader's rows, held out
  std::uint64_t validation_seed = 0;              ///< that says which: see stratified_split
  Loss loss{};                                    ///< none: cross-entropy
  optim::Schedule schedule{};                     ///< of the step count; none: the rate stays
  std::optional<double> clip_norm{};              ///< limit of the gradient's norm
  std::vector<Callback*> callbacks{};             ///< called in this order
  std::optional<Progress> resume{};               ///< what load_checkpoint gave back
};

/// Trains: the loop that one writes by hand, with what options add to it.
///
///     train::ProgressReport report(std::cout);
///     train::fit(model, optimizer, loader,
///                {.epochs = 10, .validation = test, .callbacks = {&report}});
///
/// The model and the optimizer are put into training mode; the optimizer shows its true parameters
/// (see NAG) while the validation runs. With a validation fraction the loader's own rows stay as
/// they are, and the rest is trained on by a loader with the same options. Gives back the epochs
/// that have ended, those of `resume` first. Throws OptionError where both kinds of validation are
/// given or the progress to resume is of another loader, and DataError if the classes of the
/// validation data have other names than those of the training data, or if both were standardised
/// with different numbers; what callbacks throw passes through, as
/// does std::bad_alloc. Model and optimizer are then those of the last whole step, and a
/// Checkpoint's file goes on bit for bit.
History fit(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
            const FitOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::train
