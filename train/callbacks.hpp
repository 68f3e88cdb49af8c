// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/metric.hpp>
#include <xgrad/train/weights.hpp>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {

/// Prints one line per epoch and, if requested, a progress bar with the remaining time.
class ProgressReport : public Callback {
 public:
  /// Prints to `out`, which must outlive this object. `bar` turns the progress bar on; it needs a
  /// terminal that understands "\r" and "\033[K". `held_out` is the name of the validation data in
  /// the lines. `columns` returns the current width of the terminal, and its default is 80. The bar
  /// leaves the last column free, so it does not wrap.
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

/// Saves a checkpoint at regular intervals and when fit() ends. When fit() begins, throws DataError
/// if `path` cannot be written, so that the error does not come after hours of training.
class Checkpoint : public Callback {
 public:
  /// The intervals.
  struct Every {
    std::uint64_t steps = 0;   ///< number of steps between two checkpoints; 0 disables them
    std::uint64_t epochs = 0;  ///< number of epochs between two checkpoints; 0 disables them
  };
  /// Saves to `path` at the intervals `every`.
  Checkpoint(std::filesystem::path path, Every every) : path_(std::move(path)), every_(every) {}
  /// Saves to `path` after each epoch.
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
  std::optional<std::pair<std::uint64_t, std::uint64_t>> saved_;  ///< last saved step and epoch
};

/// Throws Error if the loss, or a parameter after a step, is not finite. The message contains the
/// step, the name of the first such tensor and the learning rate. Put it before a Checkpoint in
/// `callbacks`, so that the last good checkpoint is kept. Reads every parameter once per step.
class NaNGuard : public Callback {
 public:
  void on_loss(Run& run) override;
  void on_step(Run& run) override;
};

/// Rewrites a CSV file with the whole history after each epoch; see to_csv(). The file of a resumed
/// run therefore contains the earlier epochs too. When fit() begins, throws DataError if `path`
/// cannot be written.
class CsvLog : public Callback {
 public:
  /// Writes to the file `path`.
  explicit CsvLog(std::filesystem::path path) : path_(std::move(path)) {}
  void on_begin(Run& run) override;
  void on_epoch(Run& run) override;

 private:
  std::filesystem::path path_;
};

/// Stops the run after the step during which request() is called. request() may be called from any
/// thread and from a signal handler.
class StopRequest : public Callback {
 public:
  /// Requests that the run stops.
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  /// Returns whether request() was called.
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }
  void on_step(Run& run) override { run.stopped = run.stopped || requested(); }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace xgrad::inline XGRAD_ABI::train
