// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/run.hpp>

namespace xgrad::inline XGRAD_ABI::train {

/// Logs a run. Level info: the run starts or resumes, each epoch ends with its metrics, the run
/// ends or stops. Level error: a loss is not finite, with the step, the first such tensor and the
/// learning rate. See set_log_handler() for who receives the lines.
///
///     spdlog::register_logger(my_logger->clone("xgrad"));
///     train::Log log;
///     train::fit(model, optimizer, loader, {.epochs = 10, .callbacks = {&log}});
///
/// Put it before a NaNGuard, whose exception leaves fit() before a later callback is called.
class Log : public Callback {
 public:
  void on_begin(Run& run) override;
  void on_loss(Run& run) override;
  void on_epoch(Run& run) override;
  void on_end(Run& run) override;
};

}  // namespace xgrad::inline XGRAD_ABI::train
