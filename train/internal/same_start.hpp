// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/internal/guarded_group.hpp>
#include <xgrad/train/sharded_step.hpp>

namespace xgrad::inline XGRAD_ABI::train {

/// Throws OptionError on all processes, with the first difference, unless all have the same
/// machine, options, data, model and optimizer, and their number divides the number of shards.
void require_same_start(GuardedGroup& group, const nn::Module& model,
                        const optim::Optimizer& optimizer, const datasets::DataLoader& loader,
                        const ShardOptions& options);

}  // namespace xgrad::inline XGRAD_ABI::train
