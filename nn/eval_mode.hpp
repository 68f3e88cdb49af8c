// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::nn {

/// Keeps a module in evaluation mode while the guard lives, then restores the mode of each inner
/// module. Does not write to modules that are already in evaluation mode, so that several threads
/// may share them.
class EvalModeGuard {
 public:
  /// Puts the module and its inner modules into evaluation mode.
  explicit EvalModeGuard(Module& module);
  ~EvalModeGuard();
  EvalModeGuard(const EvalModeGuard&) = delete;
  EvalModeGuard& operator=(const EvalModeGuard&) = delete;

 private:
  std::vector<Module*> were_training_;
};

}  // namespace xgrad::inline XGRAD_ABI::nn
