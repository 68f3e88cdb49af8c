// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/run.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI::train {

/// The metric of an epoch by which callbacks compare epochs.
enum class Metric { train_loss, validation_loss, validation_accuracy, validation_r2 };

/// Returns the metric as a number for which larger is better: the accuracy, R², or the loss with
/// its sign changed. Throws Error if it is a validation metric and the epoch has no validation, or
/// if it is the accuracy or R² and this is NaN: evaluate() knows the accuracy for labels, and R²
/// for targets.
double score(const EpochRecord& epoch, Metric metric);

/// Stops the run if the score() has not exceeded its best value for `patience` epochs. It depends
/// only on the history, so a resumed run stops at the same epoch as an uninterrupted one. A run
/// that this callback stopped does not train further when it is resumed.
class EarlyStopping : public Callback {
 public:
  /// Throws OptionError if `patience` is 0.
  explicit EarlyStopping(Metric metric = Metric::validation_loss, std::size_t patience = 5);
  void on_begin(Run& run) override { look(run); }
  void on_epoch(Run& run) override { look(run); }

 private:
  void look(Run& run) const;
  Metric metric_;
  std::size_t patience_;
};

/// Options of ReduceOnPlateau.
struct ReduceOnPlateauOptions {
  Metric metric = Metric::validation_loss;  ///< metric that must improve
  double factor = 0.1;                      ///< the new learning rate is factor * lr, in (0, 1)
  std::size_t patience = 10;                ///< number of epochs without improvement to accept
  double threshold = 1e-4;                  ///< relative change that counts as an improvement
  std::size_t cooldown = 0;                 ///< number of epochs to wait after a reduction
  double min_lr = 0;                        ///< lower limit of the learning rate
  double eps = 1e-8;                        ///< a smaller reduction is not made
};

/// Reduces the learning rate when a metric stops improving: after more than `patience` epochs in
/// which the score() did not exceed best + threshold * |best|, sets lr to max(factor * lr, min_lr).
/// After a reduction, the next `cooldown` epochs do not count. It takes the same decisions as
/// PyTorch's ReduceLROnPlateau with threshold_mode="rel". An epoch whose loss is not finite is not
/// an improvement. It depends only on the history, so a resumed run has the same learning rates as
/// an uninterrupted one, even if the checkpoint was saved before the reduction.
class ReduceOnPlateau : public Callback {
 public:
  /// Throws OptionError if an option is out of its range.
  explicit ReduceOnPlateau(const ReduceOnPlateauOptions& options = {});
  /// Throws OptionError if fit() has a schedule, which would overwrite the learning rate.
  void on_begin(Run& run) override;
  void on_epoch(Run& run) override;

 private:
  bool is_due(const History& history) const;
  void reduce(optim::Optimizer& optimizer) const;
  ReduceOnPlateauOptions options_;
};

}  // namespace xgrad::inline XGRAD_ABI::train
