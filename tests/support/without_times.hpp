// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/run.hpp>

namespace xgrad::test {

/// Sets the training times of a run to 0. They are the only part of a checkpoint that differs
/// between two runs. Must come before the Checkpoint in the list of callbacks.
struct WithoutTimes : train::Callback {
  void on_step(train::Run& run) override { run.progress.seconds = 0; }
  void on_epoch(train::Run& run) override {
    for (train::EpochRecord& epoch : run.progress.history) epoch.seconds = 0;
  }
  void on_end(train::Run& run) override { on_epoch(run); }
};

}  // namespace xgrad::test
