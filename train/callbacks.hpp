// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/run.hpp>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// What to watch of an epoch.
enum class Metric { train_loss, validation_loss, validation_accuracy };

/// The metric as a number of which more is better: an accuracy, or a loss negated. Throws Error
/// where the epoch has no validation.
double score(const EpochRecord& epoch, Metric metric);

/// Tells how training goes: a line for each epoch, and on a terminal a bar with the time left.
class ProgressReport : public Callback {
 public:
  /// `bar` asks for the bar, which needs a terminal that understands "\r" and "\033[K". `held_out`
  /// is what lines call the validation data. `columns` returns the current width of the terminal;
  /// the bar never fills its last column, so it does not wrap. Without it the width is 80.
  explicit ProgressReport(std::ostream& out, bool bar = false, std::string held_out = "validation",
                          std::function<std::size_t()> columns = {})
      : out_(out), bar_(bar), held_out_(std::move(held_out)), columns_(std::move(columns)) {}
  void on_step(Run& run) override;
  void on_epoch(Run& run) override;
  void on_end(Run& run) override;

 private:
  std::ostream& out_;
  bool bar_;
  std::string held_out_;
  std::function<std::size_t()> columns_;
  Run::Clock::time_point drawn_ = Run::Clock::now();
};

/// Stops when the metric has not risen above its best for `patience` epochs. Looks at the history
/// alone, so that a resumed run stops where the uninterrupted one would have: one that had stopped
/// trains no further.
class EarlyStopping : public Callback {
 public:
  /// Throws OptionError for a patience of 0.
  explicit EarlyStopping(Metric metric = Metric::validation_loss, std::size_t patience = 5);
  void on_begin(Run& run) override { look(run); }
  void on_epoch(Run& run) override { look(run); }

 private:
  void look(Run& run) const;
  Metric metric_;
  std::size_t patience_;
};

/// Keeps the parameters of the best epoch that it has seen.
class BestWeights : public Callback {
 public:
  /// Keeps those of the largest score().
  explicit BestWeights(Metric metric = Metric::validation_loss) : metric_(metric) {}
  void on_epoch(Run& run) override;
  /// Puts them into the model, for evaluation; the optimizer, if it is NAG, is in evaluation mode
  /// then. Throws Error where no epoch of this model has ended.
  void restore(nn::Module& model, optim::Optimizer& optimizer) const;

 private:
  Metric metric_;
  double best_ = 0;
  std::vector<Array> values_;
};

/// Writes a checkpoint after every so many steps or epochs (0: not for them), and when fit ends.
/// When fit begins, throws DataError if `path` cannot be written, so that no training is lost.
class Checkpoint : public Callback {
 public:
  /// How often.
  struct Every {
    std::uint64_t steps = 0;   ///< of the optimizer
    std::uint64_t epochs = 0;  ///< of the loader
  };
  /// Saves to `path`.
  Checkpoint(std::filesystem::path path, Every every) : path_(std::move(path)), every_(every) {}
  /// Saves after each epoch.
  explicit Checkpoint(std::filesystem::path path)
      : Checkpoint(std::move(path), Every{.epochs = 1}) {}
  void on_begin(Run& run) override;
  void on_step(Run& run) override;
  void on_epoch(Run& run) override;
  void on_end(Run& run) override;

 private:
  void save(Run& run);
  std::filesystem::path path_;
  Every every_;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> saved_;  ///< step and epoch
};

/// Throws Error where a loss, or after a step a parameter, is not finite: the step, the first such
/// tensor and the learning rate. Put it before a Checkpoint, to keep the last good one. Reads every
/// parameter once per step.
class NaNGuard : public Callback {
 public:
  void on_loss(Run& run) override;
  void on_step(Run& run) override;
};

/// Writes the history as a table, anew after each epoch: a resumed run has all of it. When fit
/// begins, throws DataError if `path` cannot be written.
class CsvLog : public Callback {
 public:
  /// Writes to `path`.
  explicit CsvLog(std::filesystem::path path) : path_(std::move(path)) {}
  void on_begin(Run& run) override;
  void on_epoch(Run& run) override;

 private:
  std::filesystem::path path_;
};

/// Ends the run after the step under way; request() may be called from any thread and from a signal
/// handler.
class StopRequest : public Callback {
 public:
  /// Asks the run to end.
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  /// Whether it was asked to.
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }
  void on_step(Run& run) override { run.stopped = run.stopped || requested(); }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace xgrad::inline XGRAD_ABI::train
